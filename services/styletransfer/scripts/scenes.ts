import { randomFrom } from './random.ts'

/** A drawn scene, as SVG: width, height and the marks inside. */
export interface Scene {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly svg: string
}

const scene = (name: string, width: number, height: number, body: string): Scene => ({
  name,
  width,
  height,
  svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${filters}${body}</svg>`
})

/** Surfaces that look photographed: cloth, leaves, cloud, skin. */
const filters = `<defs>
<filter id="soft2"><feGaussianBlur stdDeviation="2"/></filter>
<filter id="soft6"><feGaussianBlur stdDeviation="6"/></filter>
<filter id="soft14"><feGaussianBlur stdDeviation="14"/></filter>
<filter id="soft30"><feGaussianBlur stdDeviation="30"/></filter>
<filter id="rough" x="-10%" y="-10%" width="120%" height="120%"><feTurbulence type="fractalNoise" baseFrequency="0.035" numOctaves="4" seed="3"/><feDisplacementMap in="SourceGraphic" scale="16"/></filter>
<filter id="leafy" x="-20%" y="-20%" width="140%" height="140%"><feTurbulence type="fractalNoise" baseFrequency="0.09" numOctaves="3" seed="8"/><feDisplacementMap in="SourceGraphic" scale="26"/></filter>
<filter id="cloud" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.006 0.014" numOctaves="5" seed="5"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  2.6 0 0 0 -1.15"/></filter>
<filter id="cloth" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.5 0.7" numOctaves="2" seed="9"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0.5 0 0 0 -0.14"/></filter>
</defs>`

const polygon = (points: ReadonlyArray<readonly [number, number]>, fill: string, rest = '') =>
  `<polygon points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}" fill="${fill}" ${rest}/>`

/** A mountain ridge from side to side. */
function ridge ({ seed, base, height, width, bottom, fill }: { seed: number, base: number, height: number, width: number, bottom: number, fill: string }): string {
  const random = randomFrom(seed)
  const waves = Array.from({ length: 7 }, (_, i) => ({ f: (i + 1) * (0.7 + random() * 0.6), p: random() * 7, a: 1 / (i + 1) ** 1.1 }))
  const points: Array<readonly [number, number]> = [[0, bottom]]
  for (let x = 0; x <= width; x += 6) {
    const sum = waves.reduce((total, { f, p, a }) => total + a * (1 - Math.abs(Math.sin(f * x / width * Math.PI + p)) * 2), 0)
    points.push([x, base - height * sum * 0.4 + (random() - 0.5) * 4])
  }
  points.push([width, bottom])
  return polygon(points, fill)
}

export function landscape (): Scene {
  const [w, h] = [960, 640]
  const random = randomFrom(7)
  const firs = Array.from({ length: 26 }, () => {
    const x = random() ** 1.7 * (random() < 0.5 ? 1 : -1) * w * 0.5 + (random() < 0.5 ? 20 : w - 20)
    const size = 60 + random() * 110
    const y = 470 + random() * 26
    const green = `rgb(${18 + random() * 26 | 0},${46 + random() * 34 | 0},${30 + random() * 20 | 0})`
    return [0, 1, 2, 3].map((tier) => polygon([[x, y - size + tier * size * 0.17], [x - size * (0.08 + tier * 0.05), y - size * 0.62 + tier * size * 0.2], [x + size * (0.08 + tier * 0.05), y - size * 0.62 + tier * size * 0.2]], green)).join('')
  }).join('')
  const flowers = Array.from({ length: 240 }, () => {
    const y = 556 + random() ** 0.7 * 84
    const size = (y - 540) / 90 * 7 + 1
    return `<circle cx="${(random() * w).toFixed(1)}" cy="${y.toFixed(1)}" r="${size.toFixed(1)}" fill="${['#e8433f', '#f4c84a', '#f3eef7', '#c94fa0'][random() * 4 | 0]}"/>`
  }).join('')
  const grass = Array.from({ length: 900 }, () => {
    const x = random() * w
    const y = 548 + random() * 92
    return `<path d="M${x.toFixed(1)} ${y.toFixed(1)}q${(random() * 6 - 3).toFixed(1)} -8 ${(random() * 14 - 7).toFixed(1)} ${(-10 - random() * 16).toFixed(1)}" stroke="rgb(${60 + random() * 80 | 0},${110 + random() * 70 | 0},${30 + random() * 30 | 0})" stroke-width="1.6" fill="none"/>`
  }).join('')
  return scene('landscape', w, h, `
<defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#3f7fc6"/><stop offset="0.45" stop-color="#a9cbe6"/><stop offset="0.7" stop-color="#f6ddbb"/></linearGradient>
<linearGradient id="lake" x2="0" y2="1"><stop offset="0" stop-color="#c9d3cf"/><stop offset="1" stop-color="#2f5f7d"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#sky)"/><circle cx="700" cy="170" r="34" fill="#fff6dc"/><circle cx="700" cy="170" r="120" fill="#fff3d0" opacity="0.45" filter="url(#soft30)"/>
<rect width="${w}" height="330" filter="url(#cloud)" opacity="0.85"/>
<g filter="url(#rough)">${ridge({ seed: 21, base: 320, height: 190, width: w, bottom: 480, fill: '#8aa3bd' })}</g>
<g filter="url(#rough)">${ridge({ seed: 35, base: 370, height: 170, width: w, bottom: 480, fill: '#5f7d92' })}</g>
<g filter="url(#rough)">${ridge({ seed: 44, base: 430, height: 110, width: w, bottom: 490, fill: '#3f6156' })}</g>
<rect y="455" width="${w}" height="110" fill="url(#lake)"/>
<g opacity="0.35" filter="url(#soft6)" transform="translate(0 918) scale(1 -1)">${ridge({ seed: 44, base: 430, height: 110, width: w, bottom: 490, fill: '#23423a' })}</g>
${Array.from({ length: 40 }, () => `<rect x="${(random() * w).toFixed(0)}" y="${(462 + random() * 88).toFixed(0)}" width="${(20 + random() * 90).toFixed(0)}" height="1.5" fill="#fff" opacity="${(0.1 + random() * 0.35).toFixed(2)}"/>`).join('')}
<g filter="url(#rough)"><path d="M0 545 Q 240 520 480 548 T 960 535 V640 H0Z" fill="#5d7f35"/></g>
${firs}${grass}${flowers}
<g transform="translate(345 470)"><path d="M0 0 L60 0 L66 -22 L-6 -22Z" fill="#7a3b26"/><path d="M30 -22 L30 -108" stroke="#4a3222" stroke-width="4"/><path d="M33 -104 Q 80 -60 66 -30 L33 -30Z" fill="#f4efe2"/><path d="M27 -98 Q -8 -58 2 -30 L27 -30Z" fill="#d9534a"/></g>`)
}

export function portrait (): Scene {
  const [w, h] = [640, 800]
  const random = randomFrom(17)
  const strands = Array.from({ length: 420 }, () => {
    const t = random()
    const side = random() < 0.5 ? -1 : 1
    const x = 320 + side * (20 + t * 118)
    const shade = 26 + random() * 46
    return `<path d="M${(320 + side * t * 62).toFixed(0)} ${(168 + t * 16).toFixed(0)} C ${(x + side * 34).toFixed(0)} ${(210 + random() * 30).toFixed(0)}, ${(x + side * (40 + random() * 16)).toFixed(0)} ${(330 + random() * 80).toFixed(0)}, ${(x + side * (10 + random() * 44)).toFixed(0)} ${(470 + random() * 120).toFixed(0)}" stroke="rgb(${shade + 24 | 0},${shade + 2 | 0},${shade - 10 | 0})" stroke-width="${(1 + random() * 2.4).toFixed(1)}" fill="none" opacity="0.75"/>`
  }).join('')
  const eye = (x: number, flip: number) => `<g transform="translate(${x} 352) scale(${flip} 1)"><path d="M-34 4 Q -4 -22 34 2 Q 4 18 -34 4Z" fill="#f6f1ec"/><circle cx="0" cy="-1" r="13.5" fill="#5b3a22"/><circle cx="0" cy="-1" r="6.5" fill="#140c08"/><circle cx="${-5 * flip}" cy="-6" r="3.4" fill="#fff"/><path d="M-36 5 Q -4 -25 36 1" stroke="#2a1710" stroke-width="5" fill="none"/><path d="M-38 -30 Q -6 -46 40 -22" stroke="#33201a" stroke-width="8" fill="none" opacity="0.85"/></g>`
  return scene('portrait', w, h, `
<defs><radialGradient id="room" cx="0.3" cy="0.3" r="1"><stop offset="0" stop-color="#d9c9a8"/><stop offset="0.6" stop-color="#8c9a86"/><stop offset="1" stop-color="#3d5054"/></radialGradient>
<radialGradient id="skin" cx="0.36" cy="0.36" r="0.85"><stop offset="0" stop-color="#fbd9bd"/><stop offset="0.55" stop-color="#e5ac86"/><stop offset="1" stop-color="#95593d"/></radialGradient>
<linearGradient id="coat" x1="0" x2="1" y2="1"><stop offset="0" stop-color="#c8443c"/><stop offset="0.6" stop-color="#9c2b34"/><stop offset="1" stop-color="#571722"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#room)"/>
<g filter="url(#soft14)"><circle cx="90" cy="150" r="60" fill="#f3e3b5" opacity="0.7"/><circle cx="560" cy="240" r="80" fill="#5d7a6a"/><rect x="470" y="380" width="120" height="300" fill="#35474a"/><circle cx="150" cy="420" r="50" fill="#b5a67c" opacity="0.8"/></g>
<path d="M196 210 Q 208 142 320 140 Q 432 142 446 220 L 486 600 L 156 600Z" fill="#2b1712"/>
${strands}
<path d="M264 470 L 262 580 Q 320 630 378 580 L 376 470Z" fill="#b97a58"/>
<path d="M60 800 Q 70 620 262 570 Q 320 640 378 570 Q 570 620 586 800Z" fill="url(#coat)"/><path d="M262 570 Q 290 690 320 730 Q 350 690 378 570 Q 320 640 262 570Z" fill="#f2ece1"/>
<path d="M262 570 L 236 660 L 300 720Z" fill="#b43a38"/><path d="M378 570 L 408 660 L 342 720Z" fill="#7c212b"/>
<path d="M214 330 Q 210 198 320 192 Q 432 198 426 330 Q 424 430 384 486 Q 350 528 320 528 Q 290 528 256 486 Q 216 430 214 330Z" fill="url(#skin)"/>
<g filter="url(#soft14)"><path d="M400 300 Q 436 420 350 524 Q 440 470 428 320Z" fill="#6d3b28" opacity="0.6"/><ellipse cx="262" cy="420" rx="30" ry="22" fill="#e8806a" opacity="0.5"/><ellipse cx="384" cy="424" rx="26" ry="20" fill="#c9614e" opacity="0.5"/><ellipse cx="300" cy="250" rx="56" ry="26" fill="#fff0dc" opacity="0.6"/></g>
${eye(268, 1)}${eye(374, -1)}
<path d="M322 352 Q 318 400 304 424 Q 318 440 340 426" stroke="#8d4f38" stroke-width="4" fill="none" opacity="0.75"/><path d="M314 356 Q 309 400 308 416" stroke="#ffe6cf" stroke-width="7" fill="none" opacity="0.5" filter="url(#soft2)"/>
<path d="M270 456 Q 304 456 320 460 Q 338 456 372 454 Q 322 512 270 456Z" fill="#b8433f"/><path d="M270 456 Q 320 480 372 454" stroke="#6d1f22" stroke-width="3" fill="none"/><path d="M300 482 Q 322 490 340 481" stroke="#f3a59a" stroke-width="4" fill="none" opacity="0.7"/>
<path d="M212 330 Q 204 190 322 176 Q 300 230 250 252 Q 222 280 214 340Z" fill="#2f1a13"/><path d="M428 330 Q 440 190 318 176 Q 350 236 400 256 Q 424 280 428 340Z" fill="#23120d"/>
<circle cx="214" cy="438" r="7" fill="#f4d77c"/><circle cx="426" cy="438" r="7" fill="#c9a343"/>
<rect y="560" width="${w}" height="240" filter="url(#cloth)" opacity="0.5"/>`)
}

export function night (): Scene {
  const [w, h] = [900, 600]
  const random = randomFrom(27)
  let towers = ''
  let windows = ''
  let shine = ''
  for (let x = -10; x < w;) {
    const width = 44 + random() * 70
    const top = 130 + random() * 230
    towers += `<rect x="${x.toFixed(0)}" y="${top.toFixed(0)}" width="${width.toFixed(0)}" height="${(440 - top).toFixed(0)}" fill="rgb(${14 + random() * 14 | 0},${16 + random() * 14 | 0},${28 + random() * 20 | 0})"/>`
    for (let wy = top + 10; wy < 425; wy += 13) {
      for (let wx = x + 6; wx < x + width - 8; wx += 11) {
        if (random() < 0.38) windows += `<rect x="${wx.toFixed(0)}" y="${wy.toFixed(0)}" width="6" height="7" fill="${['#ffd27a', '#ffe9b8', '#9fd0ff', '#ffb04d'][random() * 4 | 0]}" opacity="${(0.35 + random() * 0.65).toFixed(2)}"/>`
      }
    }
    shine += `<rect x="${(x + width / 3).toFixed(0)}" y="446" width="${(6 + random() * 16).toFixed(0)}" height="${(50 + random() * 100).toFixed(0)}" fill="${['#ffb04d', '#5fa8ff', '#ff5f7a', '#ffe9b8'][random() * 4 | 0]}" opacity="0.4"/>`
    x += width + random() * 8
  }
  return scene('night', w, h, `
<defs><linearGradient id="dusk" x2="0" y2="1"><stop offset="0" stop-color="#050816"/><stop offset="0.6" stop-color="#141c3c"/><stop offset="0.75" stop-color="#3a2a4a"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#dusk)"/><circle cx="170" cy="96" r="30" fill="#f3efd9"/><circle cx="170" cy="96" r="70" fill="#c7cbe0" opacity="0.25" filter="url(#soft14)"/>
${Array.from({ length: 70 }, () => `<circle cx="${(random() * w).toFixed(0)}" cy="${(random() * 200).toFixed(0)}" r="${(0.5 + random()).toFixed(1)}" fill="#fff" opacity="${(0.3 + random() * 0.6).toFixed(2)}"/>`).join('')}
${towers}${windows}<rect y="440" width="${w}" height="160" fill="#070b18"/><g filter="url(#soft6)">${shine}</g>
<path d="M0 440 H${w}" stroke="#c98d4f" stroke-width="4" opacity="0.7"/>
<path d="M0 430 Q 225 330 450 428 T 900 430" stroke="#4b5878" stroke-width="7" fill="none"/>${Array.from({ length: 22 }, (_, i) => `<circle cx="${20 + i * 41}" cy="436" r="4" fill="#ffdf9e"/><circle cx="${20 + i * 41}" cy="436" r="12" fill="#ffb04d" opacity="0.35" filter="url(#soft2)"/>`).join('')}`)
}

export function bright (): Scene {
  const [w, h] = [800, 600]
  const fruit = (x: number, y: number, r: number, light: string, dark: string) => `<ellipse cx="${x + r * 0.25}" cy="${y + r * 0.98}" rx="${r * 1.05}" ry="${r * 0.2}" fill="#9aa3ad" opacity="0.55" filter="url(#soft6)"/><radialGradient id="f${x}" cx="0.35" cy="0.3" r="0.9"><stop offset="0" stop-color="${light}"/><stop offset="1" stop-color="${dark}"/></radialGradient><circle cx="${x}" cy="${y}" r="${r}" fill="url(#f${x})"/><ellipse cx="${x - r * 0.35}" cy="${y - r * 0.42}" rx="${r * 0.2}" ry="${r * 0.12}" fill="#fff" opacity="0.8" filter="url(#soft2)"/>`
  return scene('bright', w, h, `
<defs><linearGradient id="wall" x2="0" y2="1"><stop offset="0" stop-color="#ffffff"/><stop offset="1" stop-color="#eef1f3"/></linearGradient><linearGradient id="jug"><stop offset="0" stop-color="#ffffff"/><stop offset="0.55" stop-color="#dfe7ee"/><stop offset="1" stop-color="#a9b9c8"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#wall)"/><rect y="380" width="${w}" height="220" fill="#f6f3ec"/><path d="M0 380H${w}" stroke="#d8d5cc" stroke-width="3"/>
<rect x="40" y="40" width="180" height="250" fill="#f8fbff" stroke="#dfe3e6" stroke-width="10"/><path d="M130 40V290M40 165H220" stroke="#e3e7ea" stroke-width="6"/>
<ellipse cx="330" cy="500" rx="120" ry="18" fill="#a9aeb4" opacity="0.5" filter="url(#soft6)"/>
<path d="M262 250 Q 250 330 242 400 Q 236 480 300 500 H 372 Q 432 480 424 400 Q 414 330 402 250 Q 430 236 440 216 L 400 226 L 262 226Z" fill="url(#jug)"/><path d="M264 280 Q 190 290 200 370 Q 208 420 246 420" stroke="#c9d4de" stroke-width="17" fill="none"/>
<path d="M300 226 Q 300 120 262 70 M330 226 Q 336 110 352 40 M360 226 Q 372 140 430 90" stroke="#7d9a5a" stroke-width="6" fill="none"/>
${[[262, 70, '#f6b7c1'], [352, 40, '#f3d36c'], [430, 90, '#e98aa0']].map(([x, y, c]) => Array.from({ length: 7 }, (_, i) => `<ellipse cx="${x}" cy="${Number(y) - 22}" rx="13" ry="25" fill="${c}" stroke="#fff" stroke-width="1.5" transform="rotate(${i * 51.4} ${x} ${y})"/>`).join('') + `<circle cx="${x}" cy="${y}" r="12" fill="#c98b32"/>`).join('')}
${fruit(520, 450, 64, '#ffd15c', '#d9791f')}${fruit(640, 468, 52, '#ff8d7a', '#b3242c')}${fruit(590, 520, 38, '#cfe37a', '#6f9a2c')}`)
}

/** Greys alone: stairs, a bridge rail and a figure in fog. */
export function grey (): Scene {
  const [w, h] = [720, 720]
  const steps = Array.from({ length: 12 }, (_, i) => polygon([[60 + i * 20, 690 - i * 34], [660 - i * 14, 690 - i * 34], [660 - i * 14, 668 - i * 34], [60 + i * 20, 668 - i * 34]], `rgb(${[0, 1, 2].map(() => 205 - i * 5).join(',')})`) + polygon([[60 + i * 20, 668 - i * 34], [660 - i * 14, 668 - i * 34], [646 - i * 14, 656 - i * 34], [80 + i * 20, 656 - i * 34]], `rgb(${[0, 1, 2].map(() => 128 - i * 5).join(',')})`)).join('')
  return scene('grey', w, h, `
<defs><linearGradient id="fog" x2="0" y2="1"><stop offset="0" stop-color="#8f8f8f"/><stop offset="0.5" stop-color="#d6d6d6"/><stop offset="1" stop-color="#7a7a7a"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#fog)"/><rect width="${w}" height="400" filter="url(#cloud)" opacity="0.5"/>
<g filter="url(#soft6)"><path d="M420 300 L450 60 L480 300Z M540 310 L566 120 L592 310Z" fill="#8a8a8a"/></g>${steps}
<g stroke="#2c2c2c" fill="none"><path d="M30 640 L270 232" stroke-width="13"/><path d="M690 640 L520 232" stroke-width="13"/>${Array.from({ length: 11 }, (_, i) => `<path d="M${44 + i * 22} ${628 - i * 37} v${60 - i * 3} M${682 - i * 15} ${628 - i * 37} v${60 - i * 3}" stroke-width="${5 - i * 0.25}"/>`).join('')}</g>
<g fill="#1c1c1c"><circle cx="392" cy="330" r="20"/><path d="M362 356 Q 392 340 424 358 L 440 470 H 346Z"/><path d="M366 470 L 358 560 H 380 L 392 480 L 408 560 H 430 L 420 470Z"/></g><path d="M310 330 Q 392 250 474 330Z" fill="#3a3a3a"/><path d="M392 270 V 430" stroke="#2a2a2a" stroke-width="5"/>
<ellipse cx="392" cy="566" rx="76" ry="10" fill="#333" opacity="0.5" filter="url(#soft6)"/>`)
}

/** A balloon on nothing: opaque, half-transparent and clear parts. */
export function transparent (): Scene {
  const [w, h] = [600, 700]
  const gores = ['#d8343c', '#f2b134', '#2f8f6b', '#2b5fa8', '#f2e9dc', '#8a3f97']
  return scene('transparent', w, h, `
<defs><radialGradient id="round" cx="0.34" cy="0.3" r="0.85"><stop offset="0" stop-color="#fff" stop-opacity="0.55"/><stop offset="0.5" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="0.55"/></radialGradient>
<clipPath id="hull"><path d="M300 40 Q 520 50 520 260 Q 510 380 350 520 H 250 Q 90 380 80 260 Q 80 50 300 40Z"/></clipPath></defs>
<ellipse cx="300" cy="672" rx="150" ry="16" fill="#000" opacity="0.35" filter="url(#soft6)"/>
<g clip-path="url(#hull)">${gores.map((colour, i) => `<path d="M300 30 Q ${300 + (i - 3) * 160} 260 ${255 + i * 15} 530 H ${255 + (i + 1) * 15} Q ${300 + (i - 2) * 160} 260 300 30Z" fill="${colour}" stroke="#3a2a22" stroke-width="2"/>`).join('')}<rect width="600" height="560" fill="url(#round)"/></g>
<path d="M252 520 L 266 600 M348 520 L 334 600" stroke="#5a4030" stroke-width="4"/><path d="M256 598 H 344 L 336 656 H 264Z" fill="#9a6a3c"/><path d="M256 598 H 344 L 343 608 H 257Z" fill="#5d3a1e"/><path d="M262 624H338M261 640H337" stroke="#6f4826" stroke-width="3"/>`)
}
