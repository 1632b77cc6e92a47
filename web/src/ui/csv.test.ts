import { expect, test } from 'vitest';
import { toCsv } from './csv';

test('quotes, commas, breaks and other scripts come through whole', () => {
  expect(toCsv([['a"b', 'c,d', 'e\nf', 'שרה 🎈', 12.5, true, null, undefined]])).toBe(
    '"a""b","c,d","e\nf",שרה 🎈,12.5,true,,\r\n',
  );
});

test('a text is never a formula, a number and a phone number stay what they are', () => {
  expect(toCsv([['=1+1', '@cmd', '+48 600 000', '-5', -5, '+A1', '-2+3+cmd|x']])).toBe(
    "'=1+1,'@cmd,+48 600 000,-5,-5,'+A1,'-2+3+cmd|x\r\n",
  );
});
