import { describeNoted } from '../../../contract/noted.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describeNoted('PostgreSQL', () => clockedDatabase(server));
