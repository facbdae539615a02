import { describeResultWriting } from '../../../contract/result-writing.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describeResultWriting('PostgreSQL', () => clockedDatabase(server));
