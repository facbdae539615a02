import { openDatabase } from '../../../../rebuilder/store/index.ts';
import { describePackageReading } from '../../../contract/package-reading.ts';
import { describeResultReading } from '../../../contract/result-reading.ts';
import { closed, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
const make = async () => closed(await openDatabase(await server.database()));

describePackageReading('PostgreSQL', make);
describeResultReading('PostgreSQL', make);
