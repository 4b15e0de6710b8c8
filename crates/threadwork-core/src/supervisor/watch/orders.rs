//! What others tell a supervisor: the orders of handles, and the signals of its children.

use super::{
    member::{Member, Start, Then},
    watch::Watch,
};
use crate::supervisor::board::{Order, Signal};

impl Watch<'_> {
    pub(super) fn listen(&mut self) {
        let (orders, signals) = self.board.take();
        self.note(&signals);
        for order in orders {
            self.obey(order);
        }
    }

    pub(super) fn note(&mut self, signals: &[Signal]) {
        for signal in signals {
            let (Signal::IsReady(ident) | Signal::Returns(ident)) = *signal;
            let running = self.members.iter_mut().filter_map(Member::running_mut);
            for child in running.filter(|it| it.thread.ident() == Some(ident)) {
                match signal {
                    Signal::IsReady(_) => child.is_ready = true,
                    Signal::Returns(_) => child.returns = true,
                }
            }
        }
    }

    fn obey(&mut self, order: Order) {
        let (name, then) = match order {
            Order::Add(spec) => {
                if spec.name().is_empty() || self.place(spec.name()).is_none() {
                    self.members.push(Member::new(spec, true, Start::at_once(false)));
                }
                return;
            }
            Order::Stop(name) => (name, Then::End),
            Order::Restart(name) => (name, Then::Start(Start::at_once(false))),
            Order::Remove(name) => (name, Then::Remove),
        };
        let Some(place) = self.place(&name) else { return };
        self.members[place].leave(then);
        if let Then::Remove = then
            && self.members[place].running().is_none()
        {
            self.members.remove(place);
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|it| !it.is_removed() && it.spec.name() == name)
    }
}
