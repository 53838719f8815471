import { postgresPlaces } from './places.ts';
import { itBacksUpAndRestores } from './suite.ts';

itBacksUpAndRestores('PostgreSQL', postgresPlaces);
