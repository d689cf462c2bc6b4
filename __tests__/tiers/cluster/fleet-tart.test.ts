import { FleetLab, raisesWhole } from '../../support/fleet-lab';

raisesWhole(new FleetLab('tart'));
