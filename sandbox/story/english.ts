import { beat, type Language } from './beats.ts';
import { ENGLISH_OPEN } from './english-open.ts';

export const ENGLISH: Language = {
  titles: ['Meet {phrase}', '{phrase}, up close', 'Why {phrase} matters', 'A minute with {phrase}'],
  howToTitles: ['{phrase}: the easy way', 'Learn to {phrase}', '{phrase}, step by step'],
  hooks: [
    ['Stop for a moment', 'this one is about {phrase}'],
    ['Have you ever really looked at {phrase}'],
    ['What if {phrase} could change your whole day'],
    ['Everyone talks about {phrase}', 'but few people know this side of it'],
    ['Here is one good reason to look twice', '{phrase}'],
  ],
  howToHooks: [
    ['Want to {phrase}', 'it is easier than you think'],
    ['Most people who try to {phrase} miss the first step'],
    ['Give me a few seconds', 'and you will know how to {phrase}'],
  ],
  closings: [
    ['That is {core}', 'now it is your turn to try it'],
    ['Remember {core}', 'and share it with someone you like'],
    ['The story of {core} goes on', 'and the next page is yours'],
    ['So go and discover {core}', 'good things begin today'],
  ],
  short: [
    [
      'Why {core}?',
      'Wait, {core}?',
      'Ever noticed {core}?',
      'Look, {core}',
      '{core} changes everything',
      'The truth about {core}',
      '{core}',
    ],
    ['{core}', 'Again, {core}', 'More of {core}', 'This is {core}'],
    ['Try {core}', 'Remember {core}', 'That was {core}', 'Begin with {core}', 'Now meet {core}', '{core}'],
  ],
  colors: [
    'warm white and oak',
    'dark green and copper',
    'indigo and cream',
    'vermilion and graphite',
    'pale gold and tan',
  ],
  looks: [
    'warm muted tones, shallow depth of field',
    'low saturation, soft back lit edges, fine grain',
    'clean bright tones, crisp detail',
    'cool tones, sharp outlines',
  ],
  appearance: '{core}, mainly in {color}, the same shape and material throughout',
  extenders: [
    'and you notice it at once',
    'simple and quietly clever',
    'every single day',
    'without any fuss',
    'from morning until late at night',
    'and that makes all the difference',
    'the closer you look the better it gets',
    'just as it should be',
    'with care in every detail',
    'nothing more and nothing less',
    'and people around you will see it too',
    'it feels right from the first moment',
    'time will prove it',
    'and that is worth remembering',
    'no wonder people talk about it',
    'which is exactly the point',
    'one small step at a time',
    'with room to breathe',
  ],
  beats: {
    device: [
      beat(
        'health at a glance',
        'One look is enough, heart rate and sleep are right there, and {core} understands your body',
        'health data and a heart icon floating in soft light',
      ),
      beat(
        'long battery life',
        'Charge it once, then forget the cable for days, {core} keeps going with you',
        'a battery symbol along a sunrise and sunset',
      ),
      beat(
        'refined design',
        'Slim lines and a clean finish, made to be seen, {core} looks good anywhere',
        'product close-up with gleaming metal and glass',
      ),
      beat(
        'smart reminders',
        'A gentle tap for what matters, silence for the rest, {core} knows the difference',
        'message bubbles and a calendar around the subject',
      ),
      beat(
        'ready to move',
        'Run or ride or swim, every step is counted, {core} is a partner you can trust',
        'a runner on a track in the morning',
      ),
      beat(
        'built to last',
        'Rain and dust are no problem, it simply works, {core} earns your trust',
        'rain drops on the surface of the product',
      ),
    ],
    food: [
      beat(
        'choosing ingredients',
        'Good taste begins with good ingredients, fresh and simple, and {core} starts right here',
        'fresh ingredients on a wooden table',
      ),
      beat(
        'heat and timing',
        'Watch the heat and the clock, never rush it, this is where {core} comes alive',
        'steam rising in a kitchen close-up',
      ),
      beat(
        'made by hand',
        'Slow hands know the way, each move has a reason, you can taste the care in {core}',
        'hands at work, close view',
      ),
      beat(
        'the aroma',
        'Then the aroma fills the room, warm and deep, {core} calls everybody in',
        'warm light and rising steam',
      ),
      beat(
        'the first taste',
        'Take the first taste, layer after layer opens up, {core} stays with you',
        'appetising close-up with rich colours',
      ),
      beat(
        'sharing it',
        'Bring friends to the table, pour and pass and laugh, {core} is better together',
        'friends sharing at a cosy table',
      ),
    ],
    travel: [
      beat(
        'morning light',
        'The first light touches the roofs, streets wake up slowly, {core} shows its gentle side',
        'wide view in the morning light',
      ),
      beat(
        'the view from above',
        'Climb a little higher, the horizon opens wide, {core} suddenly feels endless',
        'layered mountains and a person looking out',
      ),
      beat(
        'life in the street',
        'Turn one more corner, voices and smells come to meet you, {core} is alive',
        'a lively street with small shops',
      ),
      beat(
        'traces of time',
        'Old walls say nothing, yet they remember everything, {core} keeps its stories here',
        'old architecture in light and shadow',
      ),
      beat(
        'dusk by the water',
        'At dusk the wind crosses the water, the sky turns orange, {core} becomes a painting',
        'sunset over water with reflections',
      ),
      beat(
        'lights at night',
        'One by one the lights come on, steps grow slower, nobody wants to leave {core}',
        'city lights at night',
      ),
    ],
    nature: [
      beat(
        'first meeting',
        'The first meeting is quiet and new, a small surprise, and {core} walks into the picture',
        'a first meeting in soft light',
      ),
      beat(
        'a closer look',
        'Look closer, every detail is alive, {core} keeps little secrets',
        'macro close-up of details',
      ),
      beat(
        'growing',
        'A little different every day, change comes softly, {core} teaches us patience',
        'changing seasons',
      ),
      beat(
        'one whole day',
        'From sunrise to sunset, busy hours and lazy ones, {core} has a full day',
        'time flowing from sunrise to sunset',
      ),
      beat(
        'free in the wind',
        'When the wind comes everything opens, light and easy, {core} is simply free',
        'open landscape in the wind',
      ),
      beat(
        'good company',
        'No need for many words, just stay a while, {core} makes the heart softer',
        'a person and nature together',
      ),
    ],
    health: [
      beat(
        'the first step',
        'Do not wait for tomorrow, begin with five minutes, the first step of {core} is the hardest',
        'tying shoes in the morning',
      ),
      beat(
        'good form',
        'Get the form right, your body will tell you, {core} is about method',
        'a clean demonstration of the movement',
      ),
      beat(
        'your own rhythm',
        'Not too fast and not too slow, find your breath, {core} loves rhythm',
        'steady steps and breathing',
      ),
      beat(
        'rest',
        'When you are tired you rest, recovery is progress, {core} is never about force',
        'a quiet moment of rest',
      ),
      beat(
        'eating well',
        'More colour on the plate, less sugar in the cup, {core} also happens at the table',
        'a colourful healthy meal',
      ),
      beat(
        'seeing change',
        'A few weeks later, energy and mood are different, {core} pays you back',
        'a confident figure in the sun',
      ),
    ],
    learning: [
      beat(
        'starting from zero',
        'No background needed, understand the smallest step first, and {core} opens its door',
        'a desk lamp and an open book',
      ),
      beat(
        'the key points',
        'There is a lot to know, hold on to three key points, {core} gets simple',
        'a clear diagram of knowledge',
      ),
      beat(
        'trying it out',
        'Reading is not doing, try it once right now, then {core} is really yours',
        'hands-on learning',
      ),
      beat(
        'avoiding mistakes',
        'Many get stuck at the same place, change the angle, {core} has a shorter way',
        'a fork in the road with signs',
      ),
      beat(
        'a little every day',
        'A small step each day, the sum is surprising, {core} rewards patience',
        'a calendar and rising steps',
      ),
      beat(
        'using it',
        'Use what you learn, practice is everywhere, {core} makes life lighter',
        'knowledge used in daily life',
      ),
    ],
    tale: [
      beat(
        'the beginning',
        'Long ago on a quiet morning, nobody expected much, {core} began right here',
        'a path in the morning mist',
      ),
      beat('the turn', 'Then everything changed, the sky grew dark, and {core} was never the same', 'a stormy sky'),
      beat(
        'the long road',
        'The road was long, the night was cold, but {core} did not stop',
        'a figure walking through the night',
      ),
      beat(
        'a friend',
        'Someone reached out a hand, a stranger became a friend, {core} found warmth',
        'two figures by a camp fire',
      ),
      beat(
        'the choice',
        'The hardest moment came, one choice decided everything, {core} held its breath',
        'light and shadow at a cliff',
      ),
      beat(
        'the echo',
        'Years later people still tell it, you can hear it in the wind, {core} lives on',
        'an old village at sunset',
      ),
    ],
    business: [
      beat(
        'seeing the need',
        'Behind every problem, someone waits for an answer, {core} begins with listening',
        'an attentive meeting',
      ),
      beat(
        'the team',
        'A team that cares, small things done well, {core} stands on that',
        'a team working together in an office',
      ),
      beat('a clear plan', 'No detours, every step explained, {core} makes it simple', 'clear charts of a plan'),
      beat(
        'real results',
        'Numbers speak, smiles speak louder, {core} proves it with results',
        'a rising curve of data',
      ),
      beat(
        'service',
        'Somebody always answers, nothing waits overnight, {core} puts service first',
        'a person serving with a smile',
      ),
      beat(
        'growing together',
        'Going far matters more than going fast, together we are stronger, {core} comes along',
        'a city skyline at sunrise',
      ),
    ],
    open: ENGLISH_OPEN,
  },
};
