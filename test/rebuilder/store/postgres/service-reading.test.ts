import { openDatabase } from '../../../../rebuilder/store/index.ts';
import { describeHeldBack } from '../../../contract/held-back.ts';
import { describeLookingUp } from '../../../contract/looking-up.ts';
import { describePackageCounts } from '../../../contract/package-counts.ts';
import { describePackageReading } from '../../../contract/package-reading.ts';
import { describeResultReading } from '../../../contract/result-reading.ts';
import { closed, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();
const make = async () => closed(await openDatabase(await server.database()));

describePackageReading('PostgreSQL', make);
describePackageCounts('PostgreSQL', make);
describeHeldBack('PostgreSQL', make);
describeResultReading('PostgreSQL', make);
describeLookingUp('PostgreSQL', make);
