//! How central comes to know a display.

use bytes::Bytes;
use hyper::{Method, StatusCode};
use vyveska_wire::enrolment::{ENROLMENT, EnrolmentRequest};

use crate::device::{Device, Trouble};
use crate::request::{Connection, RequestError};

/// Makes the display known to central, where it is not and the fleet has a token.
pub(crate) async fn register(device: &Device, connection: &mut Connection) -> Result<(), Trouble> {
    let unknown = StatusCode::FORBIDDEN.as_u16();
    let token = match (device.ask_time(connection).await, &device.shared.enrolment) {
        (Err(Trouble::Request(RequestError::Status(status))), Some(token)) if status == unknown => {
            token.clone()
        }
        (answer, _) => return answer.map(drop),
    };
    let request = serde_json::to_vec(&EnrolmentRequest { token }).expect("a token serialises");
    let sent = device.signed(
        Method::POST,
        ENROLMENT,
        Bytes::from(request),
        device.time.now(),
    );
    let answer = connection.send(sent).await?;
    if answer.status() != StatusCode::NO_CONTENT {
        return Err(RequestError::Status(answer.status().as_u16()).into());
    }
    Ok(())
}
