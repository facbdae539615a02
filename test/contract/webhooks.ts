import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessStore } from '../../rebuilder/store/access/access-store.ts';
import type { AccessStore } from '../../rebuilder/store/access/types.ts';
import type { MadeDatabase } from './service-database.ts';

/** What every store does of webhooks and what is on its way to them, whatever database is under it. */
export function describeWebhooks(name: string, makeDatabase: () => Promise<MadeDatabase>): void {
  let made: MadeDatabase;
  let access: AccessStore;
  beforeEach(async () => {
    made = await makeDatabase();
    access = createAccessStore(made.database);
  });

  describe(`${name}: webhooks`, () => {
    const make = (lastResultId = 0) =>
      access.createWebhook({ url: 'https://example.org/', secret: 'secret', events: ['verdict'], lastResultId });

    it('puts an event on its way once, however often it is put', async () => {
      const { id } = await make();
      await access.putDeliveries(id, [{ event: 'verdict', resultId: 1 }], 1);
      await access.putDeliveries(
        id,
        [
          { event: 'verdict', resultId: 1 },
          { event: 'verdict', resultId: 2 },
        ],
        2,
      );
      const { total, records } = await access.deliveries(id, {});
      expect(total).toBe(2);
      expect(records.map(({ resultId }) => resultId)).toEqual([1, 2]);
      expect(await access.webhooks()).toMatchObject([{ id, lastResultId: 2 }]);
      await access.putDeliveries(id, [], 1);
      expect(await access.webhooks()).toMatchObject([{ lastResultId: 2 }]);
    });

    it('gives what is due to one taker', async () => {
      const { id } = await make();
      await access.putDeliveries(
        id,
        [1, 2, 3].map((resultId) => ({ event: 'verdict', resultId })),
        3,
      );
      const other = createAccessStore(await made.reopen());
      const taken = await access.takeDeliveries(2, 60);
      expect(taken.map(({ resultId, tries }) => [resultId, tries])).toEqual([
        [1, 1],
        [2, 1],
      ]);
      expect((await other.takeDeliveries(9, 60)).map(({ resultId }) => resultId)).toEqual([3]);
      expect(await other.takeDeliveries(9, 60)).toEqual([]);
      made.clock.pass(60);
      expect((await other.takeDeliveries(9, 60)).map(({ tries }) => tries)).toEqual([2, 2, 2]);
    });

    it('sends no more of what arrived or was given up, and later what failed', async () => {
      const { id } = await make();
      await access.putDeliveries(
        id,
        [1, 2, 3].map((resultId) => ({ event: 'verdict', resultId })),
        3,
      );
      const [arrived, late, lost] = await access.takeDeliveries(3, 60);
      const nextTryAt = new Date(made.clock.now().getTime() + 600_000).toISOString();
      await access.deliveryEnded(arrived!.id, { kind: 'delivered' });
      await access.deliveryEnded(late!.id, { kind: 'failed', error: 'it answered 500', nextTryAt });
      await access.deliveryEnded(lost!.id, { kind: 'failed', error: 'it answered 500' });
      made.clock.pass(599);
      expect(await access.takeDeliveries(9, 60)).toEqual([]);
      made.clock.pass(1);
      expect((await access.takeDeliveries(9, 60)).map((one) => one.id)).toEqual([late!.id]);
      expect((await access.deliveries(id, {})).records).toMatchObject([
        { deliveredAt: expect.any(String) },
        { error: 'it answered 500' },
        { error: 'it answered 500' },
      ]);
    });

    it('goes with what was on its way to it', async () => {
      const kept = await make();
      const { id } = await make();
      for (const webhook of [kept.id, id]) await access.putDeliveries(webhook, [{ event: 'verdict', resultId: 1 }], 1);
      expect(await access.removeWebhook(id)).toBe(true);
      expect(await access.removeWebhook(id)).toBe(false);
      await access.putDeliveries(id, [{ event: 'verdict', resultId: 2 }], 2);
      expect((await access.deliveries(id, {})).total).toBe(0);
      expect((await access.takeDeliveries(9, 60)).map(({ webhookId }) => webhookId)).toEqual([kept.id]);
    });
  });
}
