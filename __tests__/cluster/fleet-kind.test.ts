import { FleetLab, raisesWhole } from './fleet-lab';

raisesWhole(new FleetLab('kind'));
