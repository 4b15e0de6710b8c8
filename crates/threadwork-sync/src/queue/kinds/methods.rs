//! The methods of queues, each written once.

mod take;
mod put;
mod life;

pub(super) use self::{life::life_methods, put::put_methods, take::take_methods};
