import { crc32, deflateSync } from 'node:zlib';

/** A small picture made from a hash: a symmetrical 5 × 5 pattern, as PNG. */
export function patternPng(seed: string, sizePx: number): Buffer {
  const bits = Array.from(seed, (character) => Number.parseInt(character, 16) || 0);
  const hue = ((bits[0] ?? 0) * 16 + (bits[1] ?? 0)) / 256;
  const front = rgb(hue, 0.55, 0.5);
  const back = rgb(hue, 0.4, 0.92);
  const rows: Buffer[] = [];
  for (let y = 0; y < sizePx; y++) {
    const row = Buffer.alloc(1 + sizePx * 3);
    for (let x = 0; x < sizePx; x++) {
      const column = Math.floor((x * 5) / sizePx);
      const mirrored = column > 2 ? 4 - column : column;
      const bit = bits[2 + Math.floor((y * 5) / sizePx) * 3 + mirrored] ?? 0;
      row.set(bit % 2 === 1 ? front : back, 1 + x * 3);
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sizePx, 0);
  header.writeUInt32BE(sizePx, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  const sum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

// https://en.wikipedia.org/wiki/HSL_and_HSV#HSL_to_RGB_alternative
function rgb(hue: number, saturation: number, lightness: number): [number, number, number] {
  const a = saturation * Math.min(lightness, 1 - lightness);
  const part = (n: number) => {
    const k = (n + hue * 12) % 12;
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}
