import { itBacksUpTheLiving } from './living-suite.ts';
import { postgresPlaces } from './places.ts';

itBacksUpTheLiving('PostgreSQL', postgresPlaces);
