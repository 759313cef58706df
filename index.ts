import * as pulumi from '@pulumi/pulumi';
import { runStack } from './stacks/runStack';

export = async () => runStack(pulumi.getStack());
