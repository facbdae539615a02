import { openDatabase } from '../../../../rebuilder/store/index.ts';
import { describePackageImport } from '../../../contract/package-import.ts';
import { closed, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describePackageImport('PostgreSQL', async () => closed(await openDatabase(await server.database())));
