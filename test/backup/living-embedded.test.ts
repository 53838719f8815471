import { itBacksUpTheLiving } from './living-suite.ts';
import { embeddedPlaces } from './places.ts';

itBacksUpTheLiving('the embedded database', embeddedPlaces);
