export interface Voice {
  id: string;
  name: string;
  /** Languages it speaks, its own first; BCP 47 primary tags. */
  languages: readonly [string, ...string[]];
  gender: 'male' | 'female';
  /** Model family: 1.0 voices give word timings by `enable_timestamp`, 2.0 voices by `enable_subtitle`; V1 serves 1.0 and `small`. */
  family: '1.0' | '2.0' | 'small';
}

const zh = (id: string, name: string, extra: readonly string[] = []): Voice => ({
  id,
  name,
  languages: ['zh', ...extra],
  gender: id.includes('_female_') ? 'female' : 'male',
  family: id.includes('_uranus_') ? '2.0' : '1.0',
});

const en = (id: string, name: string): Voice => ({ ...zh(id, name), languages: ['en'] });

/** Source: the vendor's voice list, as far as it is public; there is no API that lists voices. */
export const VOICES: readonly Voice[] = [
  zh('zh_male_dongfanghaoran_moon_bigtts', '东方浩然'),
  zh('zh_male_jieshuoxiaoming_moon_bigtts', '解说小明'),
  zh('zh_male_yuanboxiaoshu_moon_bigtts', '渊博小叔'),
  zh('zh_male_shaonianzixin_moon_bigtts', '少年梓辛', ['en']),
  zh('zh_male_wennuanahu_moon_bigtts', '温暖阿虎', ['en']),
  zh('zh_male_yangguangqingnian_moon_bigtts', '阳光青年'),
  zh('zh_male_linjiananhai_moon_bigtts', '邻家男孩'),
  zh('zh_male_jingqiangkanye_moon_bigtts', '京腔侃爷'),
  zh('zh_male_aojiaobazong_moon_bigtts', '傲娇霸总'),
  zh('zh_male_shenyeboke_moon_bigtts', '深夜播客'),
  zh('zh_male_jieshuonansheng_mars_bigtts', '磁性解说男声'),
  zh('zh_male_baqiqingshu_mars_bigtts', '霸气青叔'),
  zh('zh_male_sunwukong_mars_bigtts', '猴哥'),
  zh('zh_female_cancan_mars_bigtts', '灿灿'),
  zh('zh_female_shuangkuaisisi_moon_bigtts', '爽快思思', ['en']),
  zh('zh_female_tianmeixiaoyuan_moon_bigtts', '甜美小源'),
  zh('zh_female_qingchezizi_moon_bigtts', '清澈梓梓'),
  zh('zh_female_kailangjiejie_moon_bigtts', '开朗姐姐'),
  zh('zh_female_tianmeiyueyue_moon_bigtts', '甜美悦悦'),
  zh('zh_female_xinlingjitang_moon_bigtts', '心灵鸡汤'),
  zh('zh_female_wenrouxiaoya_moon_bigtts', '温柔小雅'),
  zh('zh_female_linjianvhai_moon_bigtts', '邻家女孩'),
  zh('zh_female_gaolengyujie_moon_bigtts', '高冷御姐'),
  zh('zh_female_wanwanxiaohe_moon_bigtts', '湾湾小何'),
  zh('zh_female_meilinvyou_moon_bigtts', '魅力女友'),
  en('en_male_adam_mars_bigtts', 'Adam'),
  en('en_female_amanda_mars_bigtts', 'Amanda'),
  en('en_male_smith_mars_bigtts', 'Smith'),
  en('en_female_anna_mars_bigtts', 'Anna'),
  en('en_female_sarah_mars_bigtts', 'Sarah'),
  en('en_male_dryw_mars_bigtts', 'Dryw'),
  zh('zh_female_vv_uranus_bigtts', 'Vivi', ['en']),
  zh('zh_female_xiaohe_uranus_bigtts', '小何'),
  zh('zh_male_m191_uranus_bigtts', '云舟'),
  zh('zh_male_taocheng_uranus_bigtts', '小天'),
  zh('zh_male_liufei_uranus_bigtts', '刘飞'),
  zh('zh_male_shaonianzixin_uranus_bigtts', '少年梓辛 2.0'),
  zh('zh_male_jieshuoxiaoming_uranus_bigtts', '解说小明 2.0'),
  en('en_male_tim_uranus_bigtts', 'Tim'),
  en('en_female_dacey_uranus_bigtts', 'Dacey'),
  { id: 'BV001_streaming', name: '通用女声', languages: ['zh'], gender: 'female', family: 'small' },
  { id: 'BV002_streaming', name: '通用男声', languages: ['zh'], gender: 'male', family: 'small' },
];

export const DEFAULT_VOICE = 'zh_male_dongfanghaoran_moon_bigtts';

export function findVoice(id: string): Voice | undefined {
  return VOICES.find((voice) => voice.id === id);
}

/**
 * Who speaks a language, by aptness: the default voice, then those whose own language it is, then those that speak it too.
 * Empty when nobody does. @throws RangeError when it is no BCP 47 tag
 */
export function voicesSpeaking(language: string): Voice[] {
  const primary = new Intl.Locale(language).language;
  const rank = (voice: Voice): number => (voice.id === DEFAULT_VOICE ? 0 : voice.languages[0] === primary ? 1 : 2);
  return VOICES.filter((voice) => voice.languages.includes(primary)).sort((a, b) => rank(a) - rank(b));
}
