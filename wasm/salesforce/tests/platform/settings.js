// What the page's address asks for: user, language, permissions, sandbox. Runs before all else.
const query = new URLSearchParams(location.search);
const language = query.get('language') ?? 'en';

const FORMATS = {
  en: {
    lang: 'en-US',
    locale: 'en-US',
    firstDayOfWeek: 1,
    'dateTime.shortDateFormat': 'M/d/yyyy',
    'dateTime.mediumDateFormat': 'MMM d, yyyy',
    'dateTime.longDateFormat': 'MMMM d, yyyy',
    'dateTime.shortDateTimeFormat': 'M/d/yyyy h:mm a',
    'dateTime.mediumDateTimeFormat': 'MMM d, yyyy h:mm:ss a',
    'dateTime.longDateTimeFormat': 'MMMM d, yyyy h:mm:ss a',
    'dateTime.shortTimeFormat': 'h:mm a',
    'dateTime.mediumTimeFormat': 'h:mm:ss a',
    'number.decimalSeparator': '.',
    'number.groupingSeparator': ',',
  },
  de: {
    lang: 'de',
    locale: 'de-DE',
    firstDayOfWeek: 2,
    'dateTime.shortDateFormat': 'dd.MM.yyyy',
    'dateTime.mediumDateFormat': 'dd.MM.yyyy',
    'dateTime.longDateFormat': 'd. MMMM yyyy',
    'dateTime.shortDateTimeFormat': 'dd.MM.yyyy, HH:mm',
    'dateTime.mediumDateTimeFormat': 'dd.MM.yyyy, HH:mm:ss',
    'dateTime.longDateTimeFormat': 'd. MMMM yyyy, HH:mm:ss',
    'dateTime.shortTimeFormat': 'HH:mm',
    'dateTime.mediumTimeFormat': 'HH:mm:ss',
    'number.decimalSeparator': ',',
    'number.groupingSeparator': '.',
  },
};

document.documentElement.lang = language;
globalThis.lightningPage = {
  component: query.get('component') ?? 'tokenManager',
  properties: JSON.parse(query.get('properties') ?? '{}'),
  language,
  i18n: { ...FORMATS[language], timeZone: query.get('timeZone') ?? 'Europe/Berlin' },
  userId: '005000000000001AAA',
  permissions: query.getAll('permission'),
  formFactor: query.get('formFactor') ?? 'Large',
  lws: query.get('lws'),
};

/** Apex as components see it: an answer, or the error that Lightning makes of an exception. */
globalThis.apexGateway = async (method, args = {}) => {
  // A header holds no other alphabet than the Latin one.
  const user = query.get('user') ?? '';
  const response = await fetch(`/apex/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': encodeURIComponent(user) },
    body: JSON.stringify(args),
  });
  const { answer, exception } = await response.json();
  if (exception === undefined) return answer;
  // A plain object and no Error, as Lightning gives it.
  throw {
    status: 500,
    statusText: 'Server Error',
    ok: false,
    errorType: 'fetchResponse',
    headers: {},
    body: {
      exceptionType: 'System.AuraHandledException',
      isUserDefinedException: false,
      message: exception,
      stackTrace: '',
    },
  };
};
