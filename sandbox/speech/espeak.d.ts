declare module '@echogarden/espeak-ng-emscripten' {
  export interface EspeakWorker {
    set_voice(name: string): number;
    set_rate(wordsPerMinute: number): number;
    set_pitch(pitch: number): number;
    synthesize(
      text: string,
      callback: (
        audio: Int16Array | null,
        events: readonly {
          type: string;
          text_position: number;
          audio_position: number;
          id: string | number | undefined;
        }[],
      ) => number,
    ): void;
  }
  // eslint-disable-next-line import-x/no-default-export -- the package has nothing else
  export default function load(): Promise<{ eSpeakNGWorker: new () => Promise<EspeakWorker> }>;
}
