//! Which tasks each role has.

use action_runner::{ActionRunner, RunnerOptions};
use lifecycle::Tasks;
use rules_engine::{RulesEngine, RulesOptions};
use scheduler::{Scheduler, SchedulerOptions};
use sensor::{SensorOptions, Sensors};

use crate::args::Role;
use crate::configuration::Configuration;
use crate::server::Ground;
