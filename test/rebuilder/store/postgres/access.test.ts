import { describeAccess } from '../../../contract/access.ts';
import { describeWebhooks } from '../../../contract/webhooks.ts';
import { clockedDatabase, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
const make = () => clockedDatabase(server);
describeAccess('PostgreSQL', make);
describeWebhooks('PostgreSQL', make);
