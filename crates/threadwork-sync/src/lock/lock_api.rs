//! The traits of `lock_api`, so that its wrappers work with the locks of this crate.

mod ident;
#[cfg(feature = "lock_api")]
mod newest;
#[cfg(feature = "lock_api_0_4")]
mod v0_4;

pub use self::ident::CurrentIdent;
