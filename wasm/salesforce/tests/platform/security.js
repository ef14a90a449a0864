// Lightning Web Security as a page has it; `maximum` turns its maximum-performance mode on.
import { evaluateFunction, wrapDependency } from '@locker/sandbox';
import {
  ENABLE_MAX_PERF_MODE_GATE,
  LWS_DEFAULT_GATER_FEATURES,
  registerGaterEnabledFeatures,
} from '@locker/shared';

registerGaterEnabledFeatures(LWS_DEFAULT_GATER_FEATURES);
if (globalThis.lightningPage.lws === 'maximum') {
  registerGaterEnabledFeatures([ENABLE_MAX_PERF_MODE_GATE]);
}
globalThis.lightningPage.security = { evaluateFunction, wrapDependency };
