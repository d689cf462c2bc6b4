import { Lab, labModel, synthesize } from './lab';
import { makeCheckout } from './checkout';
test('x', async () => {
  const t0 = Date.now(); const t = (n: string) => console.log(n, Date.now() - t0);
  const checkout = makeCheckout(); t('checkout');
  const model = labModel(checkout); t('model');
  const out = await synthesize(checkout, 'full', model); t('synth');
  const lab = new Lab(checkout); t('lab');
  lab.use(out, model);
  console.log(JSON.stringify(await lab.run('up'), null, 1)); t('up');
  console.log(lab.machines(), lab.nodes());
  console.log(JSON.stringify(await lab.run('up'), null, 1)); t('up2');
  console.log(JSON.stringify(await lab.run('destroy'), null, 1)); t('down');
  console.log(lab.machines(), lab.nodes(), JSON.stringify(lab.calls(), null, 0));
  lab.dispose();
}, 100000);
