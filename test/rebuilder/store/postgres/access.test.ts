import { describeAccess } from '../../../contract/access.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describeAccess('PostgreSQL', () => clockedDatabase(server));
