import { describeEndToEnd } from '../contract/end-to-end.ts';
import { postgresOfFile } from '../helpers/postgres.ts';

const postgres = postgresOfFile();

describeEndToEnd('SQLite', async (folder) => folder);
describeEndToEnd('PostgreSQL', () => postgres.database());
