import type { Call, Reply, Route } from '../http/route.ts';
import { patternPng } from './png.ts';

const notFound: Reply = { status: 404, raw: { contentType: 'text/plain', bytes: 'Not Found' } };

/** Attachments as they were sent; avatars and icons made from their hash. */
export const cdnPages: Route[] = [
  { method: 'GET', path: '/cdn/attachments/:channelId/:fileId/:name', auth: 'none', run: attachment },
  { method: 'GET', path: '/cdn/avatars/:userId/:file', auth: 'none', run: picture },
  { method: 'GET', path: '/cdn/icons/:guildId/:file', auth: 'none', run: picture },
  { method: 'GET', path: '/cdn/app-icons/:applicationId/:file', auth: 'none', run: picture },
  { method: 'GET', path: '/cdn/embed/avatars/:file', auth: 'none', run: picture },
];

function attachment(call: Call): Reply {
  const file = call.world.fileOf(call.params.fileId ?? '');
  const bytes = call.world.store.blob(call.params.fileId ?? '');
  if (!file || !bytes || file.channelId !== call.params.channelId) return notFound;
  // Served as a download, so that nobody's HTML runs here.
  return {
    status: 200,
    raw: { contentType: file.contentType, bytes },
    headers: {
      'content-disposition': `attachment; filename="${file.name.replace(/[^\x20-\x7e]|"/g, '_')}"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  };
}

function picture(call: Call): Reply {
  const hash = (call.params.file ?? '').replace(/\.\w+$/, '').padEnd(17, '7');
  const size = Math.min(256, Math.max(16, Number(call.query.get('size') ?? 64) || 64));
  return {
    status: 200,
    raw: { contentType: 'image/png', bytes: patternPng(hash, size) },
    headers: { 'cache-control': 'public, max-age=31536000' },
  };
}
