//! The `article` suite: the two tables of the Fibonacci server, in its versions with threads, interpreters and processes.

use std::time::Duration;

use super::Plan;
use super::measure::Progress;
use super::server::Server;
use super::table::Table;
use crate::Result;

const VERSIONS: [&str; 3] = ["threads", "interpreters", "processes"];

/// What is asked of a server.
#[derive(Clone, Copy)]
enum Question {
    /// Seconds for fib(30), asked by this many clients at once.
    Seconds(usize),
    /// Requests for fib(1) in a second, by this many clients, and whether a long request runs beside them.
    Requests(usize, bool),
}

const QUESTIONS: [Question; 9] = [
    Question::Seconds(1),
    Question::Seconds(2),
    Question::Seconds(3),
    Question::Requests(1, false),
    Question::Requests(2, false),
    Question::Requests(3, false),
    Question::Requests(1, true),
    Question::Requests(2, true),
    Question::Requests(3, true),
];

/// Asks every server of every runtime every question, in turns.
pub fn measure(plan: &Plan) -> Result<Table> {
    let span = Duration::from_millis(if plan.quick { 300 } else { 1000 });
    let mut table = Table::new("article", &plan.contestants);
    let versions: Vec<&str> = VERSIONS.into_iter().filter(|version| version.contains(&plan.only)).collect();
    let mut progress = Progress::new(plan.rounds * QUESTIONS.len() * versions.len() * plan.contestants.len());
    for _ in 0..plan.rounds {
        for question in QUESTIONS {
            for version in &versions {
                for (at, contestant) in plan.contestants.iter().enumerate() {
                    let (name, unit) = question.describe(version);
                    progress.step(&format!("article {name}, {}", contestant.name));
                    let row = table.row(&name, unit, matches!(question, Question::Seconds(_)));
                    // A server of its own for each question: what one leaves behind does not fall on the next.
                    let answer = Server::start(contestant, version).and_then(|server| question.ask(&server, span));
                    match answer {
                        Ok(value) => row.add(at, value),
                        Err(error) => row.note(format!("{}: {error}", contestant.name)),
                    }
                }
            }
        }
    }
    Ok(table)
}

impl Question {
    fn describe(self, version: &str) -> (String, &'static str) {
        let plural = |n: usize| if n == 1 { "client" } else { "clients" };
        match self {
            Question::Seconds(n) => (format!("fib(30), {n} {}: {version}", plural(n)), "s"),
            Question::Requests(n, false) => (format!("fib(1), {n} {}: {version}", plural(n)), "/s"),
            Question::Requests(n, true) => (format!("fib(1), {n} {} beside a long fib: {version}", plural(n)), "/s"),
        }
    }

    fn ask(self, server: &Server, span: Duration) -> Result<f64> {
        match self {
            Question::Seconds(clients) => server.seconds(clients, 30),
            Question::Requests(clients, long) => server.requests_per_second(clients, long, span),
        }
    }
}
