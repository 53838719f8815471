// The demo with stand-ins, as a process that a test can press Ctrl-C on: `demo-process.ts <data folder> <out> <behaviour> [keep]`.
import { demo } from '../../src/cli/demo.ts';
import { stackConfig, standIns } from './stand-ins.ts';

const [dataDir = '', out = '', behaviour = '', keep] = process.argv.slice(2);
const options = { out, theme: '一杯咖啡', ...(keep === undefined ? {} : { keep: true }) };
process.exit(await demo(stackConfig(dataDir), options, standIns({ gateway: behaviour })));
