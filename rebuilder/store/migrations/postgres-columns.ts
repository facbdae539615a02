import {
  type ColumnDefinitionNode,
  DataTypeNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  RawNode,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely';

const TYPES: Readonly<Record<string, RawNode | DataTypeNode>> = {
  text: RawNode.createWithSql('text collate "C"'),
  integer: DataTypeNode.create('bigint'),
};

class ColumnTypes extends OperationNodeTransformer {
  protected override transformColumnDefinition(node: ColumnDefinitionNode): ColumnDefinitionNode {
    const { dataType } = node;
    const other = DataTypeNode.is(dataType) ? TYPES[String(dataType.dataType)] : undefined;
    return other === undefined ? node : { ...node, dataType: other };
  }
}

/**
 * Gives the columns of a migration on PostgreSQL the range and order that SQLite's have. Text compares by bytes, whatever
 * the database's own locale is: lists have one order on both, and an index serves a search by a name's beginning. An
 * integer takes any that we have: a number of a row that is too large for four bytes is unknown, and no error.
 */
export class PostgresColumns implements KyselyPlugin {
  readonly #columns = new ColumnTypes();
  transformQuery(args: PluginTransformQueryArgs): RootOperationNode {
    return this.#columns.transformNode(args.node, args.queryId);
  }
  async transformResult(args: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return args.result;
  }
}
