import { describeDuties } from '../../../contract/duties.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describeDuties('PostgreSQL', () => clockedDatabase(server));
