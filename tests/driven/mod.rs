//! The real kiosk as a process of its own, scripted through the black-box driver.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a module of several tests, of which each uses the part it needs"
)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use serde_json::Value;

use crate::town::Town;

/// A kiosk process with its driver.
pub struct DrivenKiosk<'a> {
    town: &'a Town,
    process: Child,
    pub address: String,
    client: reqwest::Client,
}

impl<'a> DrivenKiosk<'a> {
    pub fn start(town: &'a Town) -> Self {
        Self::spawn(town, &mut program(town, "127.0.0.1:0"))
    }

    /// Starts this command, which runs the kiosk with a driver.
    pub fn spawn(town: &'a Town, command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("driver: ")
            .unwrap_or_else(|| panic!("the kiosk says {line:?}"))
            .to_owned();
        #[expect(clippy::disallowed_methods, reason = "the client of this test")]
        let client = reqwest::Client::new();
        Self {
            town,
            process,
            address,
            client,
        }
    }

    pub fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}{path}", self.address));
        self.send(request.json(&body))
    }

    /// Sends a request that has to succeed.
    #[track_caller]
    pub fn does(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body.clone());
        assert_eq!(status, StatusCode::OK, "{path} {body}: {answer}");
        answer
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, answer) = self.send(self.client.get(format!("{}{path}", self.address)));
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    fn send(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        self.town.runtime.block_on(async {
            let response = request.send().await.unwrap();
            (response.status(), response.json().await.unwrap())
        })
    }

    pub fn screenshot(&self) -> image::RgbaImage {
        let request = self.client.get(format!("{}/screenshot", self.address));
        let bytes = self.town.runtime.block_on(async {
            let response = request.send().await.unwrap();
            response.bytes().await.unwrap()
        });
        image::load_from_memory(&bytes).unwrap().into_rgba8()
    }
}

impl Drop for DrivenKiosk<'_> {
    fn drop(&mut self) {
        // A program that is killed counts as failed, and after three failures it starts in safe mode.
        let id = i32::try_from(self.process.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        let _ = self.process.wait();
    }
}

pub fn program(town: &Town, driver: &str) -> Command {
    program_in(&town.kiosk_data(), town, driver)
}

/// The same with another folder for its data.
pub fn program_in(data: &Path, town: &Town, driver: &str) -> Command {
    let mut command = windowed_program_in(data, town, driver);
    command.arg("--headless");
    command
}

/// The same in a window.
pub fn windowed_program(town: &Town, driver: &str) -> Command {
    windowed_program_in(&town.kiosk_data(), town, driver)
}

fn windowed_program_in(data: &Path, town: &Town, driver: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska"));
    command
        .arg("--enrolment")
        .arg(town.enrolment())
        .arg("--data")
        .arg(data)
        .args(["--size", "1080x1920", "--driver", driver]);
    command
}
