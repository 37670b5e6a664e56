//! The context: whether variables are set, on some path, before they are read.

mod reads;

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use serde_json::Value as Json;

use self::reads::{Names, Read, Vocabulary};
use super::allowance::Allowance;
use super::outline::{Outline, Task};
use super::place::Place;
use super::{Found, semantics};

/// Visits of tasks and what is read there before the walk goes to each task only once.
const PATIENCE: usize = 20_000;

/// Every variable that is read before it is assigned, or that is private.
pub(super) fn check(outline: &Outline, app_ctx: &[&str]) -> Vec<Found> {
    let mut vocabulary = Vocabulary::default();
    let mut names = Names::default();
    for name in app_ctx {
        names.insert(vocabulary.id(name));
    }
    let mut found = Vec::new();
    let top = Place::default();
    for (name, value) in [("input", &outline.input), ("vars", &outline.vars)] {
        for read in vocabulary.reads(value, &top.property(name), true) {
            read.check(&names, &mut found);
            read.assign(&mut names);
        }
    }
    let tasks = outline
        .tasks
        .iter()
        .map(|task| Compiled::of(task, &mut vocabulary))
        .collect();
    let walk = Walk::new(outline, tasks);
    walk.run(&mut names, &mut found);
    for read in vocabulary.reads(&outline.output, &top.property("output"), true) {
        read.check(&names, &mut found);
        read.assign(&mut names);
    }
    found
}

/// What a task and its transitions read and assign.
#[derive(Debug)]
struct Compiled {
    reads: Vec<Read>,
    next: Vec<Vec<Read>>,
}

impl Compiled {
    fn of(task: &Task, vocabulary: &mut Vocabulary) -> Self {
        if task.is_command {
            return Self {
                reads: Vec::new(),
                next: Vec::new(),
            };
        }
        let place = Place::task(&task.name);
        let with = place.property("with");
        let parts = [
            (&task.delay, place.property("delay")),
            (&task.items, with.property("items")),
            (&task.concurrency, with.property("concurrency")),
            (&task.action, place.property("action")),
            (&task.input, place.property("input")),
        ];
        let mut all = |parts: &[(&Json, Place, bool)]| {
            let reads = parts
                .iter()
                .flat_map(|(value, place, assigns)| vocabulary.reads(value, place, *assigns));
            reads.collect::<Vec<_>>()
        };
        let reads = all(&parts.map(|(value, place)| (value, place, false)));
        let next = task.next.iter().enumerate().map(|(at, transition)| {
            let place = place.property("next").index(at).keyword("items");
            all(&[
                (&transition.when, place.property("when"), false),
                (&transition.publish, place.property("publish"), true),
                (&transition.then, place.property("do"), false),
            ])
        });
        Self {
            reads,
            next: next.collect(),
        }
    }
}

/// A walk from the start tasks, breadth first, each time with what is assigned on the way there.
struct Walk<'o> {
    outline: &'o Outline,
    tasks: Vec<Compiled>,
    /// What was assigned on the ways to a join that were walked so far.
    joined: HashMap<usize, Rc<Names>>,
    visited: HashSet<Target<'o>>,
    queue: VecDeque<(Target<'o>, Option<Rc<Names>>)>,
    allowance: Allowance,
}

/// A task, or a command that no task has the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Target<'o> {
    Task(usize),
    Command(&'o str),
}

impl<'o> Walk<'o> {
    fn new(outline: &'o Outline, tasks: Vec<Compiled>) -> Self {
        Self {
            outline,
            tasks,
            joined: HashMap::new(),
            visited: HashSet::new(),
            queue: VecDeque::new(),
            allowance: Allowance::new(PATIENCE),
        }
    }

    /// Adds to the names those that the tasks set.
    fn run(mut self, names: &mut Names, found: &mut Vec<Found>) {
        let start = Rc::new(names.clone());
        for task in semantics::start_tasks(self.outline) {
            self.queue.push_back((
                self.target(&self.outline.tasks[task].name, task),
                Some(Rc::clone(&start)),
            ));
        }
        while let Some((target, context)) = self.queue.pop_front() {
            if !self.visited.insert(target) && self.allowance.is_spent() {
                continue;
            }
            let context = match (context, target) {
                (Some(context), _) if !context.is_empty() => context,
                (_, Target::Task(task)) => self.joined.get(&task).cloned().unwrap_or_default(),
                (_, Target::Command(_)) => Rc::default(),
            };
            names.extend(&context);
            if let Target::Task(task) = target {
                self.visit(task, &context, found);
            }
        }
    }

    fn target(&self, name: &'o str, task: usize) -> Target<'o> {
        if self.outline.tasks[task].is_command {
            Target::Command(name)
        } else {
            Target::Task(task)
        }
    }

    fn visit(&mut self, task: usize, context: &Rc<Names>, found: &mut Vec<Found>) {
        let before = found.len();
        for read in &self.tasks[task].reads {
            read.check(context, found);
        }
        let outline = self.outline;
        for (at, transition) in outline.tasks[task].next.iter().enumerate() {
            for name in &transition.targets {
                let mut branch = Rc::clone(context);
                for read in &self.tasks[task].next[at] {
                    read.check(&branch, found);
                    read.assign_shared(&mut branch);
                }
                self.allowance.take(1 + branch.size());
                self.follow(name, branch);
            }
        }
        self.allowance.take(1 + found.len() - before);
    }

    fn follow(&mut self, name: &'o str, branch: Rc<Names>) {
        let target = match self.outline.by_name.get(name) {
            _ if crate::definition::is_command(name) => Target::Command(name),
            Some(task) => Target::Task(*task),
            None => return,
        };
        if self.visited.contains(&target) {
            return;
        }
        match target {
            Target::Task(task) if self.outline.tasks[task].has_join() => {
                let joined = self.joined.entry(task).or_default();
                Rc::make_mut(joined).extend(&branch);
                self.queue.push_back((target, None));
            }
            _ => self.queue.push_back((target, Some(branch))),
        }
    }
}
