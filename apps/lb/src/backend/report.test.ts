import { expect, it } from 'vitest';
import { backendReport, reportText } from './report.js';

it('reports every outcome once, in words and as JSON', () => {
  const report = backendReport(61.23456, [1000, 200, 30, 4, 5, 6, 7, 8], { bytes: 9, untaken: 10, lost: 11 });
  expect(report).toEqual({
    seconds: 61.235,
    received: 1260,
    delivered: { gre4: 1000, gre6: 200, l3dsr: 30, bytes: 9 },
    kernel: { other: 4, notVip: 5, refused: 6, outerFragment: 7 },
    dropped: { malformed: 8, untaken: 10, lost: 11 },
  });
  expect(reportText(report)).toBe(
    '00:01:01: 1,230 packets to the host (gre4 1,000, gre6 200, l3dsr 30), 22 left to the kernel (not a VIP 5, refused 6, outer fragment 7), 29 dropped',
  );
  const quiet = backendReport(1, [1, 0, 0, 2, 0, 0, 0, 0], { bytes: 0, untaken: 0, lost: 0 });
  expect(reportText(quiet)).toBe(
    '00:00:01: 1 packet to the host (gre4 1, gre6 0, l3dsr 0), 2 left to the kernel, 0 dropped',
  );
});
