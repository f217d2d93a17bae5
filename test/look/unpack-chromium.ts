import chromium, { inflate } from '@sparticuz/chromium';

// Run by itself with a temporary folder of its own (see browser.ts): unpacks the browser there, and the libraries that
// the package would add on its own platform only.
const [libraries = ''] = process.argv.slice(2);
await chromium.executablePath();
await inflate(libraries);
