//! The run of a supervisor, from its first child to its end.

use threadwork_sync::{Deadline, StopToken, Wait, Waitable, wait_any};

use super::{
    member::{Member, Then},
    watch::Watch,
};
use crate::{
    outcome::Failure,
    stop::{current_stop_token, stop_requested},
    supervisor::board::Stage,
};

impl Watch<'_> {
    /// Runs until the supervisor is stopped or ends by itself. An error says why it gives up.
    pub(crate) fn run(&mut self) -> Result<(), Failure> {
        self.check_names()?;
        let stop = current_stop_token();
        while !stop_requested() {
            self.board.news.clear();
            self.listen();
            self.take_leave()?;
            self.ask_to_stop();
            if self.is_over() && self.board.end_unless_ordered() {
                break;
            }
            while let Some((place, start)) = self.next_start()
                && start.until.has_passed()
                && !stop_requested()
            {
                self.start(place, start)?;
            }
            self.show();
            self.wait(Some(&stop));
        }
        Ok(())
    }

    /// Stops all children and waits for them. No orders are taken any more.
    pub(crate) fn stop_all(&mut self) {
        self.board.enter(Stage::Ends(self.thread.clone()));
        self.members.iter_mut().for_each(|it| it.leave(Then::End));
        loop {
            self.board.news.clear();
            let (_orders, signals) = self.board.take();
            self.note(&signals);
            while let Some((place, _)) = self.next_ended() {
                self.settle(place);
            }
            self.ask_to_stop();
            self.show();
            if self.members.iter().all(|it| it.running().is_none()) {
                break;
            }
            self.wait(None);
        }
    }

    /// Ends the run.
    pub(crate) fn end(&self, by_itself: bool) {
        self.board.enter(Stage::Over { by_itself });
    }

    fn check_names(&self) -> Result<(), Failure> {
        let mut names: Vec<_> = self.members.iter().map(|it| it.spec.name()).collect();
        names.retain(|it| !it.is_empty());
        names.sort_unstable();
        match names.windows(2).find(|it| it[0] == it[1]) {
            Some(same) => Err(format!("two children have the name '{}'", same[0]).into()),
            None => Ok(()),
        }
    }

    /// Waits until there is something to do.
    fn wait(&self, stop: Option<&StopToken>) {
        let running = || self.members.iter().filter_map(Member::running);
        let slow_at = running().filter_map(|it| it.leave?.slow_at?.instant());
        let start = self.next_start().and_then(|(_, it)| it.until.instant());
        let next = slow_at.chain(start).min().map_or(Deadline::NEVER, Deadline::at);
        let wait = match stop {
            Some(stop) => Wait::until(next).or_stop(stop),
            None => Wait::until(next),
        };
        // The thread of a child that returns has still to call its handlers, which may ask this supervisor for something.
        let returning = running().filter(|it| it.returns).map(|it| &it.thread as &dyn Waitable);
        let news: &dyn Waitable = &self.board.news;
        let objects: Vec<_> = std::iter::once(news).chain(returning).collect();
        let _ = wait_any(&objects, &wait);
    }
}
