// 100 users for a minute, against the page and what is behind it.
import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  vus: 100,
  duration: '60s',
  thresholds: { http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<1000'] },
};

export default function () {
  for (const path of ['/', '/api/get']) {
    const answer = http.get(`http://nginx-web${path}`);
    check(answer, { 'is answered': ({ status }) => status === 200 });
  }
  sleep(0.5);
}
