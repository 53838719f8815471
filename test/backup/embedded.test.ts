import { embeddedPlaces } from './places.ts';
import { itBacksUpAndRestores } from './suite.ts';

itBacksUpAndRestores('the embedded database', embeddedPlaces);
