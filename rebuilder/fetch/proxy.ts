import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { ReproofError } from '../../model/index.ts';

/** Addresses of proxies by the scheme of what is fetched. `noProxy`: hosts reached directly, as in no_proxy. */
export type ProxySettings = { readonly http?: string; readonly https?: string; readonly noProxy?: string };

/**
 * The proxies that http_proxy, https_proxy and no_proxy name, lower case before upper case. An https: address goes to
 * the http proxy when only that is named. Give it process.env at the program's edge.
 */
export function proxyFromEnvironment(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const http = environment.http_proxy || environment.HTTP_PROXY;
  const https = environment.https_proxy || environment.HTTPS_PROXY;
  const noProxy = environment.no_proxy || environment.NO_PROXY;
  return { ...(http ? { http } : {}), ...(https ? { https } : {}), ...(noProxy ? { noProxy } : {}) };
}

/** The HTTP client's connections. Throws SETTINGS_INVALID when a proxy's address cannot be used. */
export function openDispatcher(proxy: ProxySettings): Dispatcher {
  try {
    // The empty strings keep the client from looking into process.env itself.
    return new EnvHttpProxyAgent({
      httpProxy: proxy.http ?? '',
      httpsProxy: proxy.https ?? '',
      noProxy: proxy.noProxy ?? '',
      allowH2: false,
      // Stalls are watched in request.ts, through proxies and connecting included.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  } catch (cause) {
    throw new ReproofError('SETTINGS_INVALID', "reading the proxy settings: a proxy's address is no http: URL", {
      cause: (cause as NodeJS.ErrnoException).code,
    });
  }
}
