// For the hundreds of processes that tests start, each of which lives for seconds: V8 would spend more on making their
// code fast than it saves. What the code does is the same. Measured: the database's start takes 1.6 s of a core
// instead of 3.7, a gateway's 0.6 instead of 1.0.
const { setFlagsFromString } = process.getBuiltinModule('node:v8');

// WebAssembly (the database, the voices) as its first compiler leaves it.
setFlagsFromString('--liftoff-only');
// JavaScript is optimized when it has run eight times as often as usual.
setFlagsFromString('--interrupt-budget=1000000');
