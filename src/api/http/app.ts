import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { ApiError } from '../api-error.ts';
import type { ApiDeps } from '../deps.ts';
import { acceptUpgrades, type Upgrade } from '../live/upgrade.ts';
import { answerError } from './answer-error.ts';
import { contextOf, requestContext } from './context.ts';
import { createGateway } from './gateway.ts';
import { logRequests } from './log-requests.ts';
import { routes } from './routes.ts';

/** Where the app keeps what opens its WebSockets and event streams, for whoever listens; another app has none. */
const UPGRADE = 'upgrade';
export const upgradesOf = (app: Express): Upgrade | null => (app.locals[UPGRADE] as Upgrade | undefined) ?? null;

/** The gateway as an Express app. It does not listen. */
export function createApp(deps: ApiDeps): Express {
  const gateway = createGateway(deps);
  const app = express();
  app.locals[UPGRADE] = acceptUpgrades(gateway, app);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  // Should our own answer to an error fail, the framework's tells no stack.
  app.set('env', 'production');
  app.use(requestContext(gateway.clock));
  app.use(logRequests(gateway.log));
  app.use(gateway.metrics.observe());
  // The gateway speaks plain HTTP; whoever puts TLS before it decides about upgrades.
  app.use(
    helmet({
      strictTransportSecurity: false,
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    }),
  );
  for (const [path, handlers] of Object.entries(routes(gateway))) {
    app.all(path, nameRoute(path));
    for (const [method, handler] of Object.entries(handlers)) {
      app[method as keyof typeof handlers](path, handler as unknown as RequestHandler);
    }
    app.all(path, refuseMethod(Object.keys(handlers)));
  }
  app.use(refuseRoute);
  app.use(answerError(gateway.log));
  return app;
}

function nameRoute(path: string): RequestHandler {
  return (_req, res, next) => {
    contextOf(res).route = path;
    next();
  };
}

function refuseMethod(methods: string[]): RequestHandler {
  const known = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  const allow = [...known, 'OPTIONS'].join(', ');
  return (req, res) => {
    if (req.method !== 'OPTIONS') {
      throw new ApiError('METHOD_NOT_ALLOWED', `This path takes ${allow}.`, { headers: { Allow: allow } });
    }
    res.status(204).set('Allow', allow).end();
  };
}

const refuseRoute: RequestHandler = () => {
  throw new ApiError('ROUTE_NOT_FOUND', 'Nothing is at this path; /docs lists what there is.');
};
