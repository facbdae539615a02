import { describeContradictions } from '../../../contract/contradictions.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describeContradictions('PostgreSQL', () => clockedDatabase(server));
