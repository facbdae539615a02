import { describeJobs } from '../../../contract/jobs.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
describeJobs('PostgreSQL', () => clockedDatabase(server));
