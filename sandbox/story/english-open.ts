import { beat, type Beat } from './beats.ts';

/** What can be said of any subject: fills long films after the beats of the subject's own topic. */
export const ENGLISH_OPEN: readonly Beat[] = [
  beat(
    'up close',
    'Move a little closer, even plain things shine, {core} is full of detail',
    'close-up of the subject',
  ),
  beat(
    'where it comes from',
    'Everything comes from somewhere, {word} is no exception, that is how {core} was made',
    'a trail of footprints',
  ),
  beat(
    'the human touch',
    'Somebody got up early for this, somebody stayed late, people give {core} its warmth',
    'a person together with the subject',
  ),
  beat(
    'another angle',
    'Change the angle, {word} gives you a new answer, {core} has more than one face',
    'a picture taken from high above',
  ),
  beat(
    'part of the day',
    'It is always near, on the most ordinary day, {core} makes it special',
    'the subject in daily life',
  ),
  beat(
    'looking ahead',
    'Take one more step, what will you see, {core} has only just begun',
    'a path into the distance',
  ),
  beat(
    'behind the name',
    'Begin with the name, there is a reason for it, {core} was never called that by chance',
    'an old wooden sign',
  ),
  beat(
    'first glance',
    'At first glance you miss it, at the second you stay, {core} deserves the second',
    'a glance through a window',
  ),
  beat(
    'listen',
    'Close your eyes and listen, {word} has a sound too, {core} is not as quiet as you think',
    'a person listening',
  ),
  beat('touch it', 'Reach out and touch it, rough or smooth, {core} cannot hide what it is', 'fingertips in close-up'),
  beat(
    'an old photo',
    'Find an old photograph, {word} looked different then, {core} has a past as well',
    'an old photograph on a table',
  ),
  beat(
    'the mistake',
    'Most people know half of it, the other half is better, {core} is often misread',
    'two paths that part',
  ),
  beat(
    'behind the scenes',
    'A minute on stage, a whole day behind it, {core} owes much to quiet hands',
    'busy hands backstage',
  ),
  beat(
    'a small problem',
    'Trouble always comes, {word} only hates a hurry, {core} is solved one piece at a time',
    'loose parts on a table',
  ),
  beat(
    'the key step',
    'All of that was practice, this step decides, {core} stands or falls right here',
    'a foot taking one step',
  ),
  beat(
    'another season',
    'Come back in another season, {word} wears new colours, {core} is worth the wait',
    'fallen leaves beside a bud',
  ),
  beat(
    'a letter',
    'A letter came from far away, it asked the same question, {core} ties many people together',
    'an open letter',
  ),
  beat(
    'a child looks',
    'A child knelt down to look, what came next surprised us all, {core} was new again',
    'a child kneeling',
  ),
  beat(
    'an old voice',
    'An old voice tells how it was, {word} most of all, {core} lives in such words',
    'an old person talking on a porch',
  ),
  beat(
    'try it once',
    'Try it once yourself, mistakes are allowed, {core} will show you what comes next',
    'hands trying for the first time',
  ),
  beat(
    'simple sums',
    'Count the minutes, a few each day will do, {core} is nearer than it seems',
    'a row of small pebbles',
  ),
  beat('connected', 'Pull one thread, the other end moves, {core} and {word} belong together', 'crossing threads'),
  beat(
    'a rainy day',
    'On a rainy day everyone stopped, nobody was in a hurry, and {core} came into focus',
    'rain on a window',
  ),
  beat(
    'late at night',
    'Late at night one lamp still burns, beside it lies {word}, {core} asks for patience',
    'a single lamp at night',
  ),
  beat('on the map', 'Look for it on a map, a tiny dot, yet {core} leads to a wide world', 'a map spread out'),
  beat(
    'the list',
    'Write a list for yourself, put {word} on the first line, {core} is worth collecting',
    'a half written list',
  ),
  beat('a tip', 'A friend said one sentence, I never forgot it, that is how I found {core}', 'two friends talking'),
  beat(
    'a quiet minute',
    'Turn the sound down, do nothing for a minute, {core} gets clearer in silence',
    'an empty bench',
  ),
  beat('starting over', 'You may start over, {word} is still there, {core} gives second chances', 'a clean blackboard'),
  beat('traces', 'Whatever passes leaves a trace, deep or faint, {core} keeps its own diary', 'tracks in the sand'),
  beat('together', 'Alone you are quick, together you last, {core} brings people together', 'hands in a circle'),
  beat('a bonus', 'You came for a quick look, you leave with more, {core} always adds a little', 'a small open box'),
  beat(
    'the numbers',
    'Forget the big numbers for a moment, one is enough, {core} begins with one',
    'a single pebble in a hand',
  ),
  beat('an open door', 'There is a door, somebody left it open, {core} waits behind it', 'a door left ajar'),
  beat(
    'full circle',
    'The road leads back to the start, {word} has not changed, but you see {core} differently',
    'a circular path',
  ),
];
