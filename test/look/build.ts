import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the web app as it is now into a folder of its own, so that nobody else's build is in the way. */
export const buildForTest = async (name: string): Promise<string> => {
  const outDir = fileURLToPath(new URL(`../output/${name}`, import.meta.url));
  const configFile = fileURLToPath(new URL('../../dashboards/web/vite.config.ts', import.meta.url));
  // Vitest sets NODE_ENV to test, with which React would be built for development.
  await build({ configFile, mode: 'production', logLevel: 'error', build: { outDir, emptyOutDir: true } });
  return outDir;
};
