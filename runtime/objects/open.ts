import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, text, url } from '../config.ts';
import { createFolderObjects } from './folder.ts';
import { measured } from './measured.ts';
import type { Objects } from './objects.ts';
import { createS3Objects, type S3Options } from './s3.ts';

const fix = 'Use file:///folder, or s3+https://ACCESS:SECRET@host/bucket?region=REGION.';

/** The variables that say where objects are. */
export const objectVariables = {
  OBJECT_STORE_URL: url({
    protocols: ['file', 's3+https', 's3+http'],
    optional: true,
    secret: true,
    doc: 'where files are kept: file:///folder or s3+https://host/bucket?region=…; default: objects in the data folder',
    fix,
  }),
  OBJECT_STORE_ACCESS_KEY: text({
    optional: true,
    secret: true,
    doc: 'the object store’s access key, unless in its URL',
  }),
  OBJECT_STORE_SECRET_KEY: text({
    optional: true,
    secret: true,
    doc: 'the object store’s secret key, unless in its URL',
  }),
};

type Config = {
  readonly OBJECT_STORE_URL: string | undefined;
  readonly OBJECT_STORE_ACCESS_KEY: string | undefined;
  readonly OBJECT_STORE_SECRET_KEY: string | undefined;
  readonly DATA_DIR: string;
};

function s3OptionsOf(address: URL, config: Config): S3Options {
  const accessKey = config.OBJECT_STORE_ACCESS_KEY ?? decodeURIComponent(address.username);
  const secretKey = config.OBJECT_STORE_SECRET_KEY ?? decodeURIComponent(address.password);
  const region = address.searchParams.get('region');
  const problems: string[] = [];
  if (!accessKey || !secretKey) {
    const where =
      'Put them into the address, percent-encoded, or set OBJECT_STORE_ACCESS_KEY and OBJECT_STORE_SECRET_KEY.';
    problems.push(`OBJECT_STORE_URL names a store without its keys. ${where}`);
  }
  if (!region) {
    problems.push(
      'OBJECT_STORE_URL has no region. Add ?region=…: AWS’ own (eu-central-1), auto for R2, us-east-1 elsewhere.',
    );
  }
  if (problems.length > 0 || !region) throw new ConfigError(problems);
  // `href` has no way to change the scheme of s3+https, so the address is put together anew.
  const url = `${address.protocol.slice('s3+'.length)}//${address.host}${address.pathname}`;
  return { url, region, accessKey, secretKey };
}

/** Opens the object store that the configuration names. Throws ConfigError when its address lacks a part. */
export function openObjects(config: Config): Objects {
  const { OBJECT_STORE_URL: raw, DATA_DIR } = config;
  if (!raw) return measured(createFolderObjects(join(resolve(DATA_DIR), 'objects')));
  const address = new URL(raw);
  if (address.protocol !== 'file:') return measured(createS3Objects(s3OptionsOf(address, config)));
  if (address.host !== '') throw new ConfigError([`OBJECT_STORE_URL names a host, not a folder. ${fix}`]);
  return measured(createFolderObjects(fileURLToPath(address)));
}
