import type { App } from '../context.ts';
import type { Pages } from '../dashboard/site.ts';
import { readForms } from '../form-body.ts';
import { registerAccessPages } from './access.ts';
import { registerQueuePages } from './queue.ts';
import { registerSignIn } from './sign-in.ts';
import { operatorSite } from './signed-in.ts';

/** Operators' pages: plain forms, each with a proof that it is of a page of ours. */
export const operatorPages: Pages = (app, context) => {
  void app.register(async (plugin) => {
    const scope = plugin as unknown as App;
    readForms(scope, context);
    const site = operatorSite(context);
    for (const group of [registerSignIn, registerQueuePages, registerAccessPages]) group(scope, site);
  });
};
