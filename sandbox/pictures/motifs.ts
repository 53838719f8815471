import type { Palette } from './palette.ts';

/** Drawn around the origin, about 400 units high; `url(#…)` fills are those of the picture's frame. */
export type Motif = (palette: Palette) => string;

const watch: Motif = (p) => `
  <path d="M-62 -110 L-50 -215 H50 L62 -110 Z M-62 110 L-50 215 H50 L62 110 Z" fill="${p.accentDark}"/>
  <path d="M-40 -200 H40 M-43 -170 H43 M-43 170 H43 M-40 200 H40" stroke="${p.ink}" stroke-opacity=".18" stroke-width="5"/>
  <rect x="112" y="-30" width="16" height="52" rx="7" fill="${p.accent}"/>
  <rect x="-118" y="-128" width="236" height="256" rx="62" fill="url(#metal)"/>
  <rect x="-102" y="-112" width="204" height="224" rx="50" fill="#10131f"/>
  <rect x="-102" y="-112" width="204" height="224" rx="50" fill="url(#screen)" opacity=".35"/>
  <circle cx="0" cy="-8" r="72" fill="none" stroke="#ffffff" stroke-opacity=".16" stroke-width="13"/>
  <path d="M0 -80 A72 72 0 1 1 -62 28" fill="none" stroke="${p.accent}" stroke-width="13" stroke-linecap="round"/>
  <path d="M-48 -6 H-22 L-10 -34 L8 24 L20 -6 H48" fill="none" stroke="#fff" stroke-width="8" stroke-linecap="round" stroke-linejoin="round"/>
  <path d="M-90 -100 L10 -112 L-60 112 L-102 80 Z" fill="#fff" opacity=".07"/>`;

const phone: Motif = (p) => `
  <rect x="-108" y="-210" width="216" height="420" rx="38" fill="url(#metal)"/>
  <rect x="-97" y="-199" width="194" height="398" rx="29" fill="#10131f"/>
  <rect x="-97" y="-199" width="194" height="398" rx="29" fill="url(#screen)" opacity=".75"/>
  <rect x="-32" y="-188" width="64" height="15" rx="7.5" fill="#10131f"/>
  <rect x="-74" y="-140" width="148" height="92" rx="18" fill="#fff" opacity=".9"/>
  <circle cx="-40" cy="-94" r="24" fill="${p.accent}"/><rect x="-4" y="-110" width="60" height="11" rx="5" fill="${p.ink}" opacity=".55"/><rect x="-4" y="-88" width="40" height="11" rx="5" fill="${p.ink}" opacity=".3"/>
  ${[0, 1, 2, 3, 4, 5].map((i) => `<rect x="${-74 + (i % 3) * 53}" y="${-26 + Math.floor(i / 3) * 54}" width="42" height="42" rx="12" fill="${i % 2 ? p.light : p.accent}" opacity=".85"/>`).join('')}
  <rect x="-74" y="96" width="148" height="54" rx="27" fill="${p.accentDark}"/><path d="M-12 111 L14 123 L-12 135 Z" fill="#fff"/>`;

const laptop: Motif = (p) => `
  <rect x="-190" y="-150" width="380" height="252" rx="20" fill="url(#metal)"/>
  <rect x="-176" y="-136" width="352" height="224" rx="10" fill="#10131f"/><rect x="-176" y="-136" width="352" height="224" rx="10" fill="url(#screen)" opacity=".55"/>
  ${[70, 120, 90, 150, 60].map((w, i) => `<rect x="${-146 + (i % 2) * 24}" y="${-104 + i * 34}" width="${w}" height="13" rx="6" fill="${i % 2 ? p.accent : '#fff'}" opacity=".9"/>`).join('')}
  <circle cx="96" cy="-30" r="48" fill="none" stroke="#fff" stroke-opacity=".25" stroke-width="16"/><path d="M96 -78 A48 48 0 0 1 140 -10" fill="none" stroke="${p.accent}" stroke-width="16" stroke-linecap="round"/>
  <path d="M-230 102 H230 L206 136 Q202 142 190 142 H-190 Q-202 142 -206 136 Z" fill="url(#metal)"/><rect x="-44" y="102" width="88" height="11" rx="5" fill="${p.ink}" opacity=".3"/>`;

const headphones: Motif = (p) => `
  <path d="M-140 40 V-10 A140 140 0 0 1 140 -10 V40" fill="none" stroke="url(#metal)" stroke-width="30" stroke-linecap="round"/>
  <path d="M-116 -60 A126 126 0 0 1 116 -60" fill="none" stroke="${p.light}" stroke-opacity=".5" stroke-width="7" stroke-linecap="round"/>
  <rect x="-178" y="8" width="86" height="150" rx="40" fill="${p.accent}"/><rect x="92" y="8" width="86" height="150" rx="40" fill="${p.accentDark}"/>
  <rect x="-112" y="22" width="34" height="122" rx="17" fill="${p.ink}"/><rect x="78" y="22" width="34" height="122" rx="17" fill="${p.ink}"/>
  <path d="M-30 60 V110 M0 34 V136 M30 64 V106" stroke="${p.light}" stroke-width="12" stroke-linecap="round"/>`;

const camera: Motif = (p) => `
  <path d="M-70 -100 L-46 -144 H46 L70 -100 Z" fill="${p.ink}"/>
  <rect x="-190" y="-108" width="380" height="246" rx="34" fill="url(#metal)"/><rect x="-190" y="-50" width="380" height="120" fill="${p.ink}" opacity=".85"/>
  <circle cx="0" cy="12" r="104" fill="${p.ink}"/><circle cx="0" cy="12" r="84" fill="url(#screen)"/><circle cx="0" cy="12" r="52" fill="#10131f"/><circle cx="-20" cy="-10" r="17" fill="#fff" opacity=".7"/>
  <circle cx="146" cy="-78" r="14" fill="${p.accent}"/><rect x="-168" y="-90" width="62" height="24" rx="9" fill="${p.light}" opacity=".9"/>`;

const robot: Motif = (p) => `
  <path d="M0 -150 V-196" stroke="${p.light}" stroke-width="10"/><circle cx="0" cy="-204" r="17" fill="${p.accent}"/>
  <rect x="-118" y="-150" width="236" height="180" rx="62" fill="url(#metal)"/><rect x="-94" y="-118" width="188" height="112" rx="46" fill="#10131f"/>
  <circle cx="-42" cy="-64" r="23" fill="${p.accent}"/><circle cx="42" cy="-64" r="23" fill="${p.accent}"/><path d="M-30 -28 Q0 -8 30 -28" stroke="${p.light}" stroke-width="8" fill="none" stroke-linecap="round"/>
  <rect x="-92" y="44" width="184" height="140" rx="44" fill="url(#metal)"/><circle cx="0" cy="112" r="36" fill="url(#screen)"/>
  <path d="M-92 84 Q-160 100 -146 166 M92 84 Q160 60 150 -8" stroke="${p.light}" stroke-width="24" stroke-linecap="round" fill="none"/>`;

const steam = (p: Palette) =>
  [-52, 0, 52]
    .map(
      (x) =>
        `<path d="M${x} -96 C${x - 42} -140 ${x + 40} -168 ${x} -222" stroke="${p.light}" stroke-opacity=".55" stroke-width="13" fill="none" stroke-linecap="round"/>`,
    )
    .join('');

const coffee: Motif = (p) => `
  ${steam(p)}
  <ellipse cx="0" cy="170" rx="190" ry="30" fill="${p.light}"/><ellipse cx="0" cy="164" rx="150" ry="18" fill="${p.ink}" opacity=".14"/>
  <path d="M112 -30 C216 -48 212 92 96 84" fill="none" stroke="${p.light}" stroke-width="25"/>
  <path d="M-132 -62 H132 C132 88 92 164 0 164 C-92 164 -132 88 -132 -62 Z" fill="url(#cup)"/>
  <ellipse cx="0" cy="-62" rx="132" ry="35" fill="${p.light}"/><ellipse cx="0" cy="-60" rx="116" ry="27" fill="#6b3d22"/>
  <path d="M0 -42 C-58 -56 -40 -84 0 -68 C40 -84 58 -56 0 -42 Z" fill="#f3dcb8"/>
  <path d="M-104 -20 C-98 70 -70 124 -40 140" stroke="#fff" stroke-opacity=".5" stroke-width="12" fill="none" stroke-linecap="round"/>`;

const tea: Motif = (p) => `
  ${steam(p)}
  <path d="M106 0 C196 -30 176 -92 214 -98 L222 -74 C200 -40 208 40 116 84 Z" fill="${p.accentDark}"/>
  <path d="M-120 -10 C-210 -40 -214 110 -110 96" fill="none" stroke="${p.accentDark}" stroke-width="21"/>
  <path d="M-136 20 C-136 -62 -70 -84 0 -84 C70 -84 136 -62 136 20 C136 112 80 160 0 160 C-80 160 -136 112 -136 20 Z" fill="${p.accent}"/>
  <path d="M-64 -80 Q0 -122 64 -80 Q0 -60 -64 -80 Z" fill="${p.accentDark}"/><circle cx="0" cy="-114" r="16" fill="${p.light}"/>
  <path d="M-30 70 C-60 20 0 0 10 -30 C40 10 60 60 -30 70 Z" fill="${p.light}" opacity=".85"/><path d="M-30 70 Q0 30 8 -10" stroke="${p.accentDark}" stroke-width="5" fill="none"/>`;

const noodles: Motif = (p) => `
  ${steam(p)}
  <path d="M40 -58 L196 -210 M70 -44 L222 -178" stroke="${p.accentDark}" stroke-width="13" stroke-linecap="round"/>
  <ellipse cx="0" cy="-38" rx="190" ry="50" fill="${p.light}"/><ellipse cx="0" cy="-36" rx="168" ry="38" fill="#e9a94b"/>
  ${[-96, -48, 0, 48].map((x) => `<path d="M${x - 40} -34 C${x - 10} -72 ${x + 30} 0 ${x + 60} -38" stroke="#ffe7ae" stroke-width="11" fill="none" stroke-linecap="round"/>`).join('')}
  <ellipse cx="-80" cy="-44" rx="38" ry="20" fill="#fff"/><circle cx="-80" cy="-45" r="13" fill="#ff9d2e"/><circle cx="60" cy="-30" r="9" fill="#5fa35a"/><circle cx="92" cy="-46" r="8" fill="#5fa35a"/><circle cx="24" cy="-52" r="8" fill="#5fa35a"/>
  <path d="M-190 -34 C-180 90 -120 164 0 164 C120 164 180 90 190 -34 C150 18 -150 18 -190 -34 Z" fill="${p.accentDark}"/>
  <path d="M-160 46 C-90 88 90 88 160 46" stroke="${p.light}" stroke-width="9" fill="none" opacity=".7"/><rect x="-66" y="156" width="132" height="24" rx="10" fill="${p.accentDark}"/>`;

const cake: Motif = (p) => `
  <ellipse cx="0" cy="170" rx="200" ry="32" fill="${p.light}"/>
  <rect x="-150" y="20" width="300" height="146" rx="22" fill="${p.accent}"/><rect x="-150" y="78" width="300" height="26" fill="${p.light}"/>
  <rect x="-104" y="-90" width="208" height="118" rx="20" fill="${p.light}"/><path d="M-104 -62 V-72 Q-104 -92 -84 -92 H84 Q104 -92 104 -72 V-40 Q88 -14 70 -40 Q52 -10 34 -38 Q14 -4 -6 -38 Q-26 -10 -44 -40 Q-64 -12 -80 -40 Q-96 -22 -104 -40 Z" fill="${p.accentDark}"/>
  ${[-56, 0, 56].map((x) => `<rect x="${x - 7}" y="-156" width="14" height="64" rx="6" fill="${p.light}"/><path d="M${x} -198 C${x + 18} -172 ${x + 10} -160 ${x} -158 C${x - 10} -160 ${x - 18} -172 ${x} -198 Z" fill="#ffb347"/>`).join('')}
  ${[-110, -40, 30, 100].map((x) => `<circle cx="${x}" cy="132" r="12" fill="${p.light}" opacity=".85"/>`).join('')}`;

const skyline: Motif = (p) => {
  const towers = [
    [-210, 150, 66],
    [-138, 250, 72],
    [-60, 330, 64],
    [10, 210, 76],
    [92, 290, 62],
    [160, 170, 70],
  ] as const;
  const drawn = towers.map(([x, h, w], i) => {
    const rows = Math.floor((h - 40) / 34);
    const windows = Array.from(
      { length: rows * 2 },
      (_, k) =>
        `<rect x="${x + 13 + (k % 2) * (w / 2 - 4)}" y="${184 - h + 26 + Math.floor(k / 2) * 34}" width="${w / 2 - 22}" height="15" rx="3" fill="${p.accent}" opacity="${(k * 7 + i * 3) % 5 < 3 ? 0.95 : 0.25}"/>`,
    ).join('');
    return `<rect x="${x}" y="${184 - h}" width="${w}" height="${h}" rx="7" fill="${i % 2 ? p.near : p.ink}"/>${windows}`;
  });
  return `${drawn.join('')}<path d="M-28 -146 V-212" stroke="${p.ink}" stroke-width="8"/><circle cx="-28" cy="-214" r="7" fill="${p.accent}"/>`;
};

/** A view stands in a round window with its own sky: without a frame its edges would hang in the air. */
const view = (p: Palette, drawn: string) => `
  <clipPath id="window"><circle r="206"/></clipPath><circle r="218" fill="${p.light}" opacity=".9"/>
  <g clip-path="url(#window)"><rect x="-210" y="-210" width="420" height="420" fill="url(#sky)"/>${drawn}</g>`;

const mountain: Motif = (p) =>
  view(
    p,
    `<circle cx="84" cy="-112" r="46" fill="${p.glow}"/>
  <path d="M-260 210 L-90 -120 L-10 20 L70 -66 L260 210 Z" fill="${p.mid}"/><path d="M-90 -120 L-146 -12 L-110 -30 L-88 4 L-62 -26 L-32 -18 Z" fill="${p.light}"/><path d="M70 -66 L26 -10 L54 -18 L74 10 L104 -18 Z" fill="${p.light}"/>
  <path d="M-220 60 C-150 36 -110 70 -50 54 C20 36 60 76 120 58 C170 44 200 60 220 56 V86 C150 96 110 74 50 90 C-10 104 -80 78 -220 96 Z" fill="${p.light}" opacity=".55"/>
  <path d="M-230 210 V120 C-120 80 -60 110 0 140 C80 90 150 100 230 160 V210 Z" fill="${p.near}"/>
  ${[-140, -104, 96, 128, 156].map((x, i) => `<path d="M${x} ${150 - (i % 2) * 12} l-20 0 l20 -58 l20 58 Z" fill="${p.ink}" opacity=".85"/>`).join('')}`,
  );

const sea: Motif = (p) =>
  view(
    p,
    `<circle cx="0" cy="-40" r="76" fill="${p.glow}"/><circle cx="0" cy="-40" r="108" fill="${p.glow}" opacity=".25"/>
  <path d="M-260 20 H260 V220 H-260 Z" fill="${p.mid}"/>
  ${[0, 1, 2, 3].map((i) => `<path d="M${-290 + i * 17} ${54 + i * 40} q32 -20 65 0 t65 0 t65 0 t65 0 t65 0 t65 0 t65 0 t65 0 t65 0 V220 H-290 Z" fill="${i % 2 ? p.near : p.far}" opacity="${0.4 + i * 0.14}"/>`).join('')}
  <path d="M-92 34 H66 L38 78 H-62 Z" fill="${p.ink}"/><path d="M-10 28 V-120 L72 20 Z" fill="${p.light}"/><path d="M-20 28 V-90 L-76 20 Z" fill="${p.accent}"/>
  <path d="M90 -120 q14 -16 28 0 q14 -16 28 0 M-150 -90 q11 -13 22 0 q11 -13 22 0" fill="none" stroke="${p.ink}" stroke-width="6" stroke-linecap="round"/>`,
  );

const book: Motif = (p) => `
  <path d="M0 -92 C-60 -140 -150 -136 -206 -112 V122 C-150 98 -60 96 0 140 C60 96 150 98 206 122 V-112 C150 -136 60 -140 0 -92 Z" fill="${p.accentDark}" transform="translate(0 16)"/>
  <path d="M0 -92 C-60 -134 -140 -132 -192 -112 V112 C-140 92 -60 90 0 132 Z" fill="${p.light}"/><path d="M0 -92 C60 -134 140 -132 192 -112 V112 C140 92 60 90 0 132 Z" fill="#fff"/>
  <path d="M0 -92 V132" stroke="${p.ink}" stroke-opacity=".25" stroke-width="6"/>
  ${[0, 1, 2, 3].map((i) => `<path d="M-160 ${-70 + i * 40} C-110 ${-84 + i * 40} -70 ${-78 + i * 40} -34 ${-58 + i * 40} M160 ${-70 + i * 40} C110 ${-84 + i * 40} 70 ${-78 + i * 40} 34 ${-58 + i * 40}" stroke="${p.ink}" stroke-opacity=".28" stroke-width="9" fill="none" stroke-linecap="round"/>`).join('')}
  <path d="M110 -130 V-40 L130 -60 L150 -40 V-126 Z" fill="${p.accent}"/>
  ${[
    [-70, -176, 11],
    [10, -204, 15],
    [84, -180, 9],
  ]
    .map(([x, y, r]) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${p.glow}" opacity=".9"/>`)
    .join('')}`;

const car: Motif = (p) => `
  <path d="M-150 0 C-120 -88 -84 -104 -30 -104 H54 C100 -104 128 -70 158 -6 Z" fill="${p.accentDark}"/>
  <path d="M-120 -6 C-100 -68 -74 -82 -34 -82 H0 V-6 Z" fill="url(#screen)"/><path d="M16 -82 H50 C84 -82 102 -58 124 -6 H16 Z" fill="url(#screen)"/>
  <path d="M-226 54 C-226 4 -190 -2 -150 -6 H150 C206 0 230 22 230 66 V92 Q230 106 214 106 H-208 Q-226 106 -226 88 Z" fill="${p.accent}"/>
  <path d="M-200 40 H216" stroke="${p.light}" stroke-opacity=".5" stroke-width="7"/><rect x="192" y="32" width="36" height="24" rx="11" fill="${p.glow}"/><rect x="-226" y="36" width="26" height="22" rx="9" fill="#ff5b5b"/><rect x="20" y="14" width="42" height="9" rx="4" fill="${p.light}" opacity=".8"/>
  ${[-128, 130].map((x) => `<circle cx="${x}" cy="106" r="54" fill="#171a26"/><circle cx="${x}" cy="106" r="30" fill="url(#metal)"/><circle cx="${x}" cy="106" r="9" fill="#171a26"/>`).join('')}`;

const flower: Motif = (p) => `
  <path d="M0 210 C-10 120 10 60 0 0" stroke="#4e8f5a" stroke-width="17" fill="none"/><path d="M0 140 C-90 130 -110 70 -126 56 C-60 50 -10 90 0 140 Z M2 110 C80 100 104 44 118 26 C60 26 6 60 2 110 Z" fill="#5fa968"/>
  ${Array.from({ length: 8 }, (_, i) => `<ellipse cx="0" cy="-102" rx="46" ry="84" fill="${i % 2 ? p.accent : p.accentDark}" opacity=".94" transform="rotate(${i * 45} 0 -30)"/>`).join('')}
  <circle cx="0" cy="-30" r="50" fill="#ffd76a"/><circle cx="0" cy="-30" r="34" fill="#f0a63c"/>`;

const tree: Motif = (p) => `
  <path d="M-22 206 C-14 110 -18 60 -14 0 H16 C18 60 18 110 30 206 Z" fill="#7a4a2e"/>
  <circle cx="-84" cy="-20" r="86" fill="${p.near}"/><circle cx="86" cy="-12" r="80" fill="${p.near}"/><circle cx="0" cy="-96" r="108" fill="${p.mid}"/><circle cx="-36" cy="-120" r="52" fill="${p.far}" opacity=".7"/><circle cx="64" cy="-50" r="44" fill="${p.mid}"/>
  ${[
    [-70, 0],
    [40, -110],
    [96, 10],
    [-20, -40],
  ]
    .map(([x, y]) => `<circle cx="${x}" cy="${y}" r="13" fill="${p.accent}"/>`)
    .join('')}`;

const cat: Motif = (p) => `
  <path d="M96 150 C196 150 206 20 156 -10" stroke="${p.accent}" stroke-width="36" fill="none" stroke-linecap="round"/>
  <path d="M-108 190 C-126 60 -70 -10 0 -10 C70 -10 126 60 108 190 Z" fill="${p.accent}"/><path d="M-46 190 C-56 110 -26 70 0 70 C26 70 56 110 46 190 Z" fill="${p.light}"/>
  <path d="M-104 -190 L-112 -66 L-30 -126 Z M104 -190 L112 -66 L30 -126 Z" fill="${p.accent}"/><path d="M-94 -160 L-98 -96 L-52 -126 Z M94 -160 L98 -96 L52 -126 Z" fill="${p.accentDark}"/>
  <ellipse cx="0" cy="-56" rx="116" ry="98" fill="${p.accent}"/><ellipse cx="0" cy="-22" rx="60" ry="44" fill="${p.light}"/>
  <ellipse cx="-46" cy="-66" rx="17" ry="23" fill="${p.ink}"/><ellipse cx="46" cy="-66" rx="17" ry="23" fill="${p.ink}"/><circle cx="-40" cy="-74" r="6" fill="#fff"/><circle cx="52" cy="-74" r="6" fill="#fff"/>
  <path d="M-11 -38 H11 L0 -24 Z" fill="${p.accentDark}"/><path d="M0 -24 Q-18 0 -34 -10 M0 -24 Q18 0 34 -10 M-70 -30 L-140 -44 M-70 -16 L-138 -8 M70 -30 L140 -44 M70 -16 L138 -8" stroke="${p.ink}" stroke-width="5" fill="none" stroke-linecap="round"/>`;

const dog: Motif = (p) => `
  <path d="M-100 190 C-116 70 -66 10 0 10 C66 10 116 70 100 190 Z" fill="${p.accentDark}"/><path d="M-44 190 C-50 120 -24 84 0 84 C24 84 50 120 44 190 Z" fill="${p.light}"/>
  <ellipse cx="0" cy="-60" rx="110" ry="104" fill="${p.accentDark}"/><path d="M-86 -140 C-170 -140 -168 -20 -126 20 C-104 -10 -100 -60 -72 -110 Z M86 -140 C170 -140 168 -20 126 20 C104 -10 100 -60 72 -110 Z" fill="${p.ink}" opacity=".75"/>
  <ellipse cx="0" cy="-18" rx="66" ry="54" fill="${p.light}"/><ellipse cx="0" cy="-42" rx="24" ry="17" fill="${p.ink}"/>
  <circle cx="-44" cy="-84" r="16" fill="${p.ink}"/><circle cx="44" cy="-84" r="16" fill="${p.ink}"/><circle cx="-39" cy="-90" r="5" fill="#fff"/><circle cx="49" cy="-90" r="5" fill="#fff"/>
  <path d="M-28 -8 Q0 14 28 -8" stroke="${p.ink}" stroke-width="6" fill="none" stroke-linecap="round"/><path d="M-15 2 Q0 50 15 2 Z" fill="#ff7d8a"/><rect x="-70" y="36" width="140" height="22" rx="11" fill="${p.accent}"/><circle cx="0" cy="64" r="15" fill="#ffd76a"/>`;

const runner: Motif = (p) => `
  <ellipse cx="0" cy="196" rx="170" ry="19" fill="${p.ink}" opacity=".22"/>
  <path d="M-210 -60 H-110 M-230 0 H-120 M-200 60 H-116" stroke="${p.light}" stroke-opacity=".5" stroke-width="11" stroke-linecap="round"/>
  <g fill="none" stroke-linecap="round" stroke-linejoin="round"><path d="M10 40 L70 96 L44 182" stroke="${p.ink}" stroke-width="39"/><path d="M-4 40 L-50 110 L-138 116" stroke="${p.near}" stroke-width="39"/><path d="M34 -70 L-36 -30 L-66 34" stroke="#e9b48f" stroke-width="29"/><path d="M34 -78 L4 36" stroke="${p.accent}" stroke-width="74"/><path d="M44 -72 L98 -10 L158 -44" stroke="#f2c6a3" stroke-width="29"/></g>
  <circle cx="62" cy="-158" r="48" fill="#f2c6a3"/><path d="M16 -160 C12 -220 96 -228 110 -174 C84 -190 60 -180 48 -158 C40 -146 24 -146 16 -160 Z" fill="${p.ink}"/>
  <path d="M44 182 L92 184 M-138 116 L-150 70" stroke="${p.light}" stroke-width="27" stroke-linecap="round"/>`;

const person: Motif = (p) => `
  <path d="M-150 206 C-150 70 -90 30 0 30 C90 30 150 70 150 206 Z" fill="${p.accent}"/><path d="M-40 34 L0 92 L40 34 Z" fill="${p.light}"/><path d="M-150 206 C-148 150 -136 110 -112 80 L-88 206 Z" fill="${p.accentDark}"/>
  <rect x="-30" y="-30" width="60" height="80" rx="28" fill="#e9b48f"/><ellipse cx="0" cy="-92" rx="84" ry="96" fill="#f2c6a3"/>
  <path d="M-92 -84 C-104 -214 104 -214 92 -84 C80 -130 40 -146 0 -146 C-40 -146 -80 -130 -92 -84 Z" fill="${p.ink}"/>
  <circle cx="-32" cy="-86" r="9" fill="${p.ink}"/><circle cx="32" cy="-86" r="9" fill="${p.ink}"/><path d="M-26 -46 Q0 -24 26 -46" stroke="#a85f4a" stroke-width="8" fill="none" stroke-linecap="round"/>`;

const rocket: Motif = (p) => `
  <path d="M-34 116 C-30 176 -10 196 0 226 C10 196 30 176 34 116 Z" fill="#ffb347"/><path d="M-16 116 C-14 156 -4 170 0 190 C4 170 14 156 16 116 Z" fill="#fff2c4"/>
  <path d="M-66 30 L-124 130 L-50 104 Z M66 30 L124 130 L50 104 Z" fill="${p.accentDark}"/><path d="M0 -214 C76 -130 82 20 52 118 H-52 C-82 20 -76 -130 0 -214 Z" fill="${p.light}"/><path d="M0 -214 C34 -176 54 -130 62 -82 H-62 C-54 -130 -34 -176 0 -214 Z" fill="${p.accent}"/>
  <circle cx="0" cy="-28" r="40" fill="url(#metal)"/><circle cx="0" cy="-28" r="28" fill="url(#screen)"/>
  ${[
    [-170, -120, 7],
    [160, -150, 9],
    [180, 0, 6],
    [-190, 20, 8],
    [-130, -200, 5],
  ]
    .map(([x, y, r]) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${p.glow}"/>`)
    .join('')}`;

const house: Motif = (p) => `
  <rect x="80" y="-150" width="46" height="90" fill="${p.accentDark}"/><path d="M-200 -20 L0 -170 L200 -20 Z" fill="${p.accentDark}"/><rect x="-156" y="-24" width="312" height="200" fill="${p.light}"/>
  <rect x="-34" y="54" width="68" height="122" rx="10" fill="${p.accent}"/><circle cx="18" cy="118" r="6" fill="${p.light}"/>
  ${[-112, 60].map((x) => `<rect x="${x}" y="10" width="60" height="60" rx="8" fill="#ffdf94"/><path d="M${x + 30} 10 V70 M${x} 40 H${x + 60}" stroke="${p.accentDark}" stroke-width="6"/>`).join('')}
  <circle cx="-186" cy="140" r="44" fill="${p.mid}"/><circle cx="190" cy="146" r="38" fill="${p.mid}"/>`;

const pagoda: Motif = (p) => `
  ${[0, 1, 2, 3]
    .map((i) => {
      const w = 190 - i * 36;
      const y = 150 - i * 86;
      return `<rect x="${-w * 0.62}" y="${y - 40}" width="${w * 1.24}" height="62" fill="${p.light}"/><path d="M${-w - 14} ${y - 34} C${-w * 0.7} ${y - 44} ${-w * 0.6} ${y - 70} ${-w * 0.5} ${y - 84} H${w * 0.5} C${w * 0.6} ${y - 70} ${w * 0.7} ${y - 44} ${w + 14} ${y - 34} Q0 ${y - 54} ${-w - 14} ${y - 34} Z" fill="${p.accentDark}"/>${[-0.36, 0, 0.36].map((k) => `<rect x="${k * w - 11}" y="${y - 26}" width="22" height="48" rx="9" fill="${p.accent}"/>`).join('')}`;
    })
    .join('')}
  <rect x="-150" y="172" width="300" height="26" rx="6" fill="${p.ink}" opacity=".8"/><path d="M0 -194 V-226" stroke="${p.accentDark}" stroke-width="10" stroke-linecap="round"/>`;

const chart: Motif = (p) => `
  <rect x="-200" y="-160" width="400" height="320" rx="30" fill="#fff" opacity=".94"/>
  ${[70, 110, 90, 160, 210].map((h, i) => `<rect x="${-160 + i * 66}" y="${120 - h}" width="44" height="${h}" rx="10" fill="${i === 4 ? p.accentDark : p.accent}" opacity="${0.55 + i * 0.11}"/>`).join('')}
  <path d="M-138 10 L-72 -34 L-6 -18 L60 -84 L128 -124" fill="none" stroke="${p.ink}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"/><circle cx="128" cy="-124" r="14" fill="${p.ink}"/><path d="M-168 122 H168" stroke="${p.ink}" stroke-opacity=".3" stroke-width="6"/>`;

const bulb: Motif = (p) => `
  ${Array.from({ length: 9 }, (_, i) => `<rect x="-7" y="-232" width="14" height="44" rx="7" fill="${p.glow}" transform="rotate(${-120 + i * 30} 0 -40)"/>`).join('')}
  <path d="M-56 90 C-60 40 -126 20 -126 -54 C-126 -128 -70 -172 0 -172 C70 -172 126 -128 126 -54 C126 20 60 40 56 90 Z" fill="#ffdf7e"/><path d="M-84 -60 C-84 -104 -50 -130 -20 -134" stroke="#fff" stroke-width="15" fill="none" stroke-linecap="round"/><path d="M-30 88 L-36 -10 L0 20 L36 -10 L30 88" stroke="${p.accentDark}" stroke-width="9" fill="none" stroke-linejoin="round"/>
  <rect x="-58" y="94" width="116" height="28" rx="14" fill="url(#metal)"/><rect x="-50" y="128" width="100" height="26" rx="13" fill="url(#metal)"/><rect x="-30" y="160" width="60" height="24" rx="12" fill="${p.ink}"/>`;

const heart: Motif = (p) => `
  <path d="M0 176 C-250 20 -190 -170 -84 -160 C-40 -156 -14 -128 0 -98 C14 -128 40 -156 84 -160 C190 -170 250 20 0 176 Z" fill="${p.accent}"/><path d="M-150 -60 C-146 -104 -116 -124 -90 -122" stroke="#fff" stroke-opacity=".75" stroke-width="19" fill="none" stroke-linecap="round"/>
  <path d="M-150 18 H-60 L-32 -46 L14 78 L44 18 H150" fill="none" stroke="${p.light}" stroke-width="15" stroke-linecap="round" stroke-linejoin="round"/>`;

/** No thing to recognise: rings, petals and light in balance. */
const abstract: Motif = (p) => `
  <circle cx="0" cy="0" r="190" fill="${p.light}" opacity=".12"/><circle cx="0" cy="0" r="150" fill="none" stroke="${p.light}" stroke-opacity=".6" stroke-width="4"/>
  ${Array.from({ length: 6 }, (_, i) => `<path d="M0 0 C70 -60 70 -150 0 -184 C-70 -150 -70 -60 0 0 Z" fill="${i % 2 ? p.accent : p.accentDark}" opacity=".62" transform="rotate(${i * 60})"/>`).join('')}
  <circle cx="0" cy="0" r="46" fill="${p.glow}"/><circle cx="150" cy="-104" r="22" fill="${p.accent}"/><circle cx="-164" cy="86" r="15" fill="${p.glow}"/><circle cx="-120" cy="-150" r="10" fill="${p.light}"/>`;

/** The first that fits the prompt is drawn. */
const MOTIFS: readonly [RegExp, Motif][] = [
  [/手表|手环|腕表|watch(?!ing)/i, watch],
  [/手机|平板|phone|tablet|\bapp\b|直播/i, phone],
  [/耳机|音乐|歌|headphone|earbud|music|song|podcast/i, headphones],
  [/相机|摄影|照片|camera|photograph/i, camera],
  [/奶茶|茶|\btea\b/i, tea],
  [/咖啡|拿铁|coffee|latte|espresso/i, coffee],
  [/蛋糕|甜|烘焙|生日|面包|cake|bread|bak(e|ing)|birthday/i, cake],
  [/面条|拉面|火锅|美食|菜|饭|餐|饺子|汤|noodle|ramen|food|cook|recipe|dinner|meal|soup/i, noodles],
  [/猫|\bcats?\b|kitten/i, cat],
  [/狗|犬|宠物|\bdogs?\b|puppy|\bpets?\b/i, dog],
  [/汽车|电动车|驾驶|\bcars?\b|driv(e|ing)|vehicle/i, car],
  [/宇宙|太空|火箭|星空|月球|月亮|天空|行星|space|rocket|planet|\bmoon|galaxy/i, rocket],
  [/花|植物|花园|春|flower|garden|plant\b|spring/i, flower],
  [/山|登|徒步|mountain|hik(e|ing)|climb/i, mountain],
  [/海|湖|江|船|沙滩|ocean|\bsea\b|beach|island|boat|lake/i, sea],
  [/故宫|寺|古镇|古城|古建|庙|塔|丝绸之路|敦煌|西安|京都|temple|pagoda|kyoto|silk road|palace|ancient/i, pagoda],
  [/城市|都市|北京|上海|深圳|成都|重庆|街|city|urban|skyline|street|tokyo|york|paris/i, skyline],
  [/书|阅读|读|故事|童话|历史|book|read|story|tale|history/i, book],
  [/跑|健身|运动|瑜伽|run(ning)?\b|fitness|workout|sport|yoga|exercise/i, runner],
  [/机器人|人工智能|智能|\bai\b|robot|artificial/i, robot],
  [/电脑|编程|代码|软件|程序|laptop|computer|cod(e|ing)|software|program/i, laptop],
  [/公司|营销|金融|理财|投资|增长|品牌|finance|market|invest|business|startup|growth/i, chart],
  [/家|房|装修|house|home|interior/i, house],
  [/树|森林|秋|环保|自然|tree|forest|nature|autumn/i, tree],
  [/健康|心|爱|睡眠|health|heart|love|sleep/i, heart],
  [/学|知识|创意|想法|为什么|learn|idea|science|why|study/i, bulb],
  [/人|老师|医生|团队|person|people|team|teacher|woman|man\b/i, person],
];

export function chooseMotif(prompt: string): Motif {
  // The subject stands first in a prompt; what comes later describes the scene.
  const subject = prompt.split(/[，,。;；\n]/)[0] ?? prompt;
  const find = (text: string) => MOTIFS.find(([pattern]) => pattern.test(text))?.[1];
  return find(subject) ?? find(prompt) ?? abstract;
}
